"""Print labels, order them from a print house, and account for every one."""
