"""The synthesised bank: a recipe per category, so that the first run needs no download.

Procedural audio after A. Farnell, "Designing Sound" (MIT Press 2010), with further literature in
each family's module. A clip is determined by its category and variant number.
"""

from soundscapes.engine.sound.bank.build import BANK_VERSION, build_bank, built_categories
from soundscapes.engine.sound.bank.recipes import bank_categories, synthesise, variants

__all__ = [
    "BANK_VERSION",
    "bank_categories",
    "build_bank",
    "built_categories",
    "synthesise",
    "variants",
]
