"""Beds: sounds that run throughout, drawn out from one recording and made wide for two ears."""
