"""Open files and render their pages."""
