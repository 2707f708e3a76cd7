"""Measurements of the product and its peers: `make bench` prints them all."""
