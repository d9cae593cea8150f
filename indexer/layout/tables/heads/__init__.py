"""Tell the heads of a table: of columns, of groups of columns, of rows."""
