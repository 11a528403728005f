"""The first day: what a new workspace needs to know, asking for it, and the trial that ends ready to issue."""
