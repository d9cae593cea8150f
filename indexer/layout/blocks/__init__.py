"""Make blocks of lines: paragraphs, forms, notes."""
