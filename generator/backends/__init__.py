"""Models that write: behind an OpenAI-compatible address, or in this process."""
