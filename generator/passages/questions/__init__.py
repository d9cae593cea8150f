"""Read a question: its words, the kind of its answer, codes and measures."""
