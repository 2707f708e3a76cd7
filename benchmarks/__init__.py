"""What the product can do, in figures, beside its peers: `make bench` prints them all."""
