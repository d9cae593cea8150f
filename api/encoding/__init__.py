"""`pagesight encoder`: one model in one process, which others send pages and queries to."""
