"""Register batches, change them, and say what is known of them."""
