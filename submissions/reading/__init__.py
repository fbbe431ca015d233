"""How a prediction file is read: the fast path and the careful one, and the kinds of predictions."""
