"""Runs as values: what is run, how, and where it is stored."""
