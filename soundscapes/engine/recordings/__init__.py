"""Untrusted recordings of any kind, decoded by blocks."""
