"""What every entry point needs: settings, errors, logs, links."""
