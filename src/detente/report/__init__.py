"""Reports: one folder of facts, page, figures and tables."""
