"""Documents of EPCIS 2.0 in JSON: reading them as they come, judging them, writing them."""
