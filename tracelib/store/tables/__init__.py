"""Every table, by room. Importing this package fills ``metadata``."""

from importlib import import_module
from importlib.util import find_spec

from sqlalchemy import MetaData

from tracelib.store.tables.columns import Row

ROOMS = ("catalog", "catalog_versions", "trust", "batches", "codes", "trace", "scans", "changes", "prints", "recalls")


def metadata() -> MetaData:
    """The metadata of all tables, every room's module loaded."""
    for room in ROOMS:
        if find_spec(f"{__name__}.{room}"):
            import_module(f"{__name__}.{room}")
    return Row.metadata
