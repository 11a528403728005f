"""Batches of a product from one production day and place, and the signed manifests of the codes issued for them."""
