"""How we know: observations, verification, hindcast, scores."""
