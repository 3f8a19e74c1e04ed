"""Documented years: what the index and the laws make of them."""
