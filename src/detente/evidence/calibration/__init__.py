"""What event data say about the laws' parameters: approximate Bayesian computation with the scenario itself."""
