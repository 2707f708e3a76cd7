"""Webhooks of accounts and their deliveries."""
