"""A question in, a cited answer out: the answerer and its writers."""
