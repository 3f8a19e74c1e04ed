"""Tests; a package of its own, since packages that others install are called so too."""
