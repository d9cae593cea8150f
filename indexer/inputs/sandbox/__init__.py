"""A child process that is not trusted: its frames, its limits, its life."""
