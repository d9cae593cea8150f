"""The OpenAI-compatible door: what chat programs send, and what they expect back."""
