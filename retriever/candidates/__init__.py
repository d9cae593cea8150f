"""Stage 1 chooses the pages worth an exact score; its recall is measured while it serves."""
