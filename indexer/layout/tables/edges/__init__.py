"""Find where a table ends: rows, lines and names that the layout model left outside, or took in."""
