"""Pages and files of the web, fetched by their addresses from public hosts alone."""
