"""The tension index: pillars against fixed goalposts, exact contributions, dyad to region."""

#: raised whenever the same inputs would give another number
FORMULA_VERSION = "1.0"
