"""How results are put: numbers, tables, and the templates in which every sentence stands."""
