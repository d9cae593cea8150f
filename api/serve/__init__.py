"""The HTTP service as a process."""
