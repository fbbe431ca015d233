"""The web desk: submissions over HTTP, from programs and from browsers."""
