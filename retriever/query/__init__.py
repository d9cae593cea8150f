"""What is searched for, and where: filters, embeddings, the pages in scope."""
