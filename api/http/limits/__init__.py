"""How much one caller, and all of them together, may ask of the service."""
