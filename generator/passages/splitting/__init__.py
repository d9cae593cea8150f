"""Split a page into passages: sentences, rows, items, fields."""
