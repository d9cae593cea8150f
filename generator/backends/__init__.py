"""Models that write answers: behind an OpenAI-compatible address, or in this process."""
