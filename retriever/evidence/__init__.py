"""Shows why a page was found: regions, heat maps, snippets."""
