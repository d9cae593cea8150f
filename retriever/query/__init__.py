"""What is searched for, and where: requests, filters, embeddings, the pages in scope."""
