"""What happened to things: EPCIS 2.0 events, their vocabulary and their identity."""
