"""Pure element-wise laws of the model: arrays in, arrays out, members last."""
