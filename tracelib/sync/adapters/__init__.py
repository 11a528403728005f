"""One module for each dialect that platforms speak."""
