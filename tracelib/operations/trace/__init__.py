"""Tracing: where goods came from, where they went."""
