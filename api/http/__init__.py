"""What HTTP routes share: authentication, limits, bodies, errors, streams."""
