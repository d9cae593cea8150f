"""Who is told what the services do: metrics and traces."""
