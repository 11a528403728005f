"""Decoders: pictures to symbols. ``cascade.decode`` is the one to call; the others are its engines."""
