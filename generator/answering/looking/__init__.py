"""A model looks again before it answers: it searches, opens pages, zooms, reads tables, under a budget."""
