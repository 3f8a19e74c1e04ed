"""Scenario ensembles for political tension."""
