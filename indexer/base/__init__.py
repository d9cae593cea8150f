"""What every package above uses: pages and words, page images, verdicts, settings, errors."""
