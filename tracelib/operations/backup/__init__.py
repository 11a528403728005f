"""Back up, restore and move a workspace."""
