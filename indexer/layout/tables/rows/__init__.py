"""Tell the rows of a table: lines of one row, rows in one line, rows outside of the table."""
