"""What stands in a chat beside questions: small talk, and what chat programs ask for and add."""
