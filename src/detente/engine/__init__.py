"""Engines: what carries a block of members through its weeks and measures it. NumPy's is the reference.

The compiled one (extra ``fast``) states no law again: it traces the same functions once and has LLVM translate them.
"""
