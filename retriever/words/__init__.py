"""What the words of a question say about pages, beside what its vectors say."""
