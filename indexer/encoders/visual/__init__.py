"""Encoders that look at the page image: ColQwen2, ColQwen2.5, ColPali, ColModernVBERT. Imports no model."""
