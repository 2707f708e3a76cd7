"""Telling other programs about events, by the Standard Webhooks specification."""
