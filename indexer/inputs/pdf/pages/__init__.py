"""Render pages and parts of them: what goes into their frames, what comes of them."""
