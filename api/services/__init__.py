"""The parts of pagesight put together, and the state of the service: keys and conversations."""
