"""The synthesised bank: a recipe for every category, so that the first run needs no download.

Procedural audio after A. Farnell, "Designing Sound" (MIT Press 2010), with the literature of each
family named in its module. Everything is deterministic: a clip follows from its category and the
number of its variant.
"""

from soundscapes.engine.sound.bank.build import BANK_VERSION, build_bank
from soundscapes.engine.sound.bank.recipes import bank_categories, synthesise, variants

__all__ = ["BANK_VERSION", "bank_categories", "build_bank", "synthesise", "variants"]
