"""The verification page: what a code proves, in words that are true."""
