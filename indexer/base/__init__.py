"""What everything above speaks of: pages and words, verdicts, settings, errors."""
