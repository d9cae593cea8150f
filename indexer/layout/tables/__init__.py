"""Make tables of words and regions: rows, columns, heads."""
