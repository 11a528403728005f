"""The schema: is it the program's, and bring it there.

Every change of the tables is a revision of its own in ``migrations/versions``; a revision that has been released is
never changed.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from tracelib.store.engine import WRITING, name_of
from tracelib.store.errors import SchemaMissingError, SchemaNewerError, SchemaStaleError
from tracelib.store.migrations import HEAD, KNOWN

VERSION_TABLE = "alembic_version"
_FOLDER = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x7472_6163  # "trac"; two upgrades of one PostgreSQL database wait for each other


def found_revision(connection: Connection) -> str | None:
    """The revision that the database is at, None for one without our tables."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return found


def check_schema(engine: Engine) -> None:
    """Raise unless the database is exactly at the program's revision."""
    with engine.connect() as connection:
        found = found_revision(connection)
    _refuse_newer(engine, found)
    if found is None:
        raise SchemaMissingError(database=name_of(engine.url))
    if found != HEAD:
        raise SchemaStaleError(database=name_of(engine.url), found=found, expected=HEAD)


def refuse_newer(engine: Engine) -> str | None:
    """The revision of our tables, None where there are none; SchemaNewerError for one of a newer program."""
    with engine.connect() as connection:
        found = found_revision(connection)
    _refuse_newer(engine, found)
    return found


def upgrade(engine: Engine, revision: str = HEAD) -> tuple[str | None, str]:
    """Make the tables or bring them to ``revision`` in one transaction: (revision before, after)."""
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        found = found_revision(connection)
        _refuse_newer(engine, found)
        if found != revision:
            _run_alembic(connection, revision)
    return found, revision


def differences(engine: Engine) -> list[Any]:
    """What distinguishes the database from the tables as the program declares them; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from tracelib.store.tables import metadata

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata()))


def _refuse_newer(engine: Engine, found: str | None) -> None:
    if found is not None and found not in KNOWN:
        raise SchemaNewerError(database=name_of(engine.url), found=found, expected=HEAD)


def _run_alembic(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
