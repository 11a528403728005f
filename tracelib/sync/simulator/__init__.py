"""A platform to try against: an EPCIS 2.0 repository that behaves as badly as real ones, as a program of its own.

``python -m tracelib.sync.simulator --port 0 --db FILE [faults]``. It shares no code with the client: what it takes it
judges by the REST binding (EPCIS 2.0 section 12) and rules of its own.
"""
