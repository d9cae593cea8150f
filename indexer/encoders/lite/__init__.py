"""The lite encoder: a page is its words, read by MiniLM. Importing this loads nothing."""
