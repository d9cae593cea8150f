"""What exists, by name: the database of collections, documents, pages, segments and jobs."""
