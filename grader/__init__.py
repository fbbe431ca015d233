"""From a received submission and the hidden labels to a grade."""
