"""The routes of the service as functions that build calls; both clients have them as methods."""
