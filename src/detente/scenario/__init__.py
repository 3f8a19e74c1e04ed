"""Scenario files: schema, reading with positions, faults with advice."""
