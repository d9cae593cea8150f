"""Tell the rows of a table: lines of one row, rows in one line, the first and the last of them."""
