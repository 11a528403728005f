"""Events that people write at the desk, and documents of other parties."""
