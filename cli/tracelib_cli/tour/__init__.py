"""The guided tour: the day's work in eight steps, on sample data, with the real commands."""
