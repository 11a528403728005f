"""Scales: where the weight of a carton comes from at the moment of its scan."""
