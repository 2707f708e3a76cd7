"""The two modes of making a soundscape."""

CALM = "calm"
"""Startling categories become layers only if they clearly win, and are rare and soft."""

FAITHFUL = "faithful"
"""Every category keeps the rank of its score and is played as it is."""

MODES = (CALM, FAITHFUL)
