"""Read the data of dynamic forms (XFA)."""
