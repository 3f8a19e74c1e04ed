"""What must hold of the model, checked by running it."""
