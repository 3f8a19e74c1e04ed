"""The tension index, on simulated and on observed data."""
