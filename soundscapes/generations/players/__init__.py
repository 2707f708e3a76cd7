"""Data for players: events and clips for pages, podcast feeds, streams for speakers."""
