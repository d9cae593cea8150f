"""Pages as documents: their stored words and layout as Markdown, HTML and JSON. Pure functions."""
