"""Keep the catalogue: add to it, bring it in and out as a folder, publish it."""
