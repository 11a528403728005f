"""The way to other people's platforms. HTTP is known to ``http`` alone, each dialect to its adapter."""
