"""Fit a LoRA adapter to a visual encoder, so that it ranks the pages of some questions first."""
