"""Benchmarks of the product beside its peers; `make bench` runs them."""
