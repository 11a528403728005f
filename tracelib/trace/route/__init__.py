"""The way of goods as values: history, walks over it, and what a picture of it shows."""
