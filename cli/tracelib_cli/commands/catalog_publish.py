"""``tracelib catalog publish`` and ``verify``."""
