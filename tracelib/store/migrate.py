"""The schema: is it the program's, bring it there, and write the first migration from the metadata.

``python -m tracelib.store.migrate regenerate`` rewrites revision 0001 from the tables. It is for the time before the
first release only; afterwards a change of the tables is a migration of its own.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, inspect, text

from tracelib.store.engine import WRITING, name_of
from tracelib.store.errors import SchemaMissingError, SchemaNewerError, SchemaStaleError
from tracelib.store.migrations import HEAD, KNOWN

VERSION_TABLE = "alembic_version"
_FOLDER = Path(__file__).parent / "migrations"
FIRST = _FOLDER / "versions" / "r0001_first_tables.py"
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


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Make the tables or bring them to the program's revision, in one transaction: (revision before, after)."""
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        found = found_revision(connection)
        _refuse_newer(engine, found)
        if found != HEAD:
            _run_alembic(connection)
    return found, HEAD


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


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


_HEADER = '''"""The first tables. Written by ``python -m tracelib.store.migrate regenerate``; do not edit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
'''
_FOOTER = '''

def downgrade() -> None:
    """There is no way back: restore the backup."""
    raise NotImplementedError("restore the backup that was made before the upgrade")
'''


def render_first() -> str:
    """Revision 0001 as it must be for the tables as they are declared now, one function for each table."""
    from alembic.autogenerate import produce_migrations, render_python_code
    from alembic.migration import MigrationContext
    from alembic.operations.ops import CreateTableOp, UpgradeOps
    from sqlalchemy import create_engine

    from tracelib.store.tables import metadata

    with create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection)
        operations = produce_migrations(context, metadata()).upgrade_ops
    tables: dict[str, list[Any]] = {}
    for operation in operations.ops if operations else []:
        name = operation.table_name if isinstance(operation, CreateTableOp) else _table_of(operation)
        tables.setdefault(name, []).append(operation)
    text_ = _HEADER + "".join(f"    _make_{name}()\n" for name in tables)
    for name, ops in tables.items():
        body = render_python_code(UpgradeOps(ops), render_item=_render_item, migration_context=context)
        lines = [line for line in body.splitlines() if not line.strip().startswith("###") and "# ###" not in line]
        text_ += "\n".join(["", "", f"def _make_{name}() -> None:", *lines, ""])
    if "postgresql." not in text_.removeprefix(_HEADER):
        text_ = text_.replace("from sqlalchemy.dialects import postgresql\n", "")
    return _formatted(text_ + _FOOTER)


def regenerate() -> Path:
    """Write revision 0001 anew; returns its path."""
    source = render_first()
    FIRST.write_text(source, encoding="utf-8")
    return FIRST


def _formatted(source: str) -> str:
    """Through the project's formatter, which is there wherever this is run (a checkout)."""
    for arguments in (["check", "--fix", "-q"], ["format", "-q"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--stdin-filename", str(FIRST), "-"]
        source = subprocess.run(command, input=source, capture_output=True, text=True, check=False).stdout or source
    return source


def _table_of(operation: Any) -> str:  # noqa: ANN401 - any of alembic's operations
    return str(getattr(operation, "table_name", "others"))


def _render_item(kind: str, value: Any, _context: object) -> str | Literal[False]:  # noqa: ANN401 - alembic's hook
    """Our column types as the plain types that they are in the database."""
    if kind != "type":
        return False
    if type(value).__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    if type(value).__name__ == "AutoString":
        return "sa.String()"
    return False


if __name__ == "__main__":
    if sys.argv[1:] != ["regenerate"]:
        sys.exit("usage: python -m tracelib.store.migrate regenerate")
    sys.stdout.write(f"{regenerate()}\n")
