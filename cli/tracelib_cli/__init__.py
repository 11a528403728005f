"""The command ``tracelib``: the only place that joins values, store, devices and network."""
