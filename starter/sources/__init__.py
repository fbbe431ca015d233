"""The data sets on offer, each with where it comes from."""
