"""Page in, multi-vector out."""
