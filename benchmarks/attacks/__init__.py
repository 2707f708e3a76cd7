"""Attacks of one visitor on everybody else."""
