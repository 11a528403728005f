"""Issue codes, replace them and make them void; the keys and ranges behind that."""
