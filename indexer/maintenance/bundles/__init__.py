"""Bundles: one collection in one file, made to be opened elsewhere and changed nowhere."""
