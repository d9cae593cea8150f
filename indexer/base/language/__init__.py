"""What is known of languages: scripts, stop words, numbers and dates in words, where sentences end.

How questions are put in English is in `generator.passages.questions.english`: only questions need that.
"""
