"""Devices, one module each, loaded by ``tracelib_scanner.registry`` when a line uses them."""
