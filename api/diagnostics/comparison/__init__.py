"""Whether a text holds a right answer: pure functions over two strings, each decision with its rule."""
