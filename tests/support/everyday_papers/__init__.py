"""Draw twelve papers as offices, shops and workshops make them, each with a trait that readers trip over."""
