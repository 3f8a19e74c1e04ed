"""Summaries, comparisons and attributions of a stored result."""
