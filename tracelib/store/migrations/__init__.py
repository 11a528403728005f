"""Alembic migrations, inside the package. ``KNOWN`` lists the revisions, oldest first; the last is the program's."""

KNOWN = ("0001", "0002", "0003")
HEAD = KNOWN[-1]
