"""A participant's side of the web desk: what sends a file there. Goes with every kit."""
