"""Grant, accept and revoke; the bundle that everybody verifies with."""
