"""What people do, one verb and one unit of work in each file."""
