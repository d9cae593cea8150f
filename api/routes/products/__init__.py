"""Routes that other products call by a form of their own."""
