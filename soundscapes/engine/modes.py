"""The two ways of making a soundscape of an image."""

CALM = "calm"
"""Startling sounds are layers only where they clearly win, and are rare and soft."""

FAITHFUL = "faithful"
"""Every sound stands where its score puts it, and is played as it is."""

MODES = (CALM, FAITHFUL)
