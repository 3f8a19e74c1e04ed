"""Figures in the house style, as functions of data and axes."""
