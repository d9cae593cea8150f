"""`pagesight eval`: the user's own questions, asked and scored."""
