"""Recalls: open, show, notify, count what comes back, close."""
