"""Forecasts of reported conflict, and how they are scored."""
