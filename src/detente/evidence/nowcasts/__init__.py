"""Where pairs stand now, from an event file."""
