"""What can be quoted from a page, and how well it supports an answer."""
