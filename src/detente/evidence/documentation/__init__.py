"""The evidence card, and the documents generated from code, registry and records."""
