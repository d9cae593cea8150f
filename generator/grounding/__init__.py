"""Where on a page a model points: read from its text, turned into page fractions, compared with the page."""
