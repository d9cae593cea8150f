"""The queue of jobs, in the catalog."""
