"""The migrations make exactly the tables that the program declares."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from tracelib.store import migrate
from tracelib.store.engine import WRITING, make_engine
from tracelib.store.migrations import HEAD, KNOWN
from tracelib.store.unit_of_work import Store


def test_migrated_database_has_the_declared_tables_and_nothing_else(store: Store) -> None:
    assert migrate.differences(store.engine) == []


def test_known_revisions_are_the_files_in_the_package() -> None:
    config = Config()
    config.set_main_option("script_location", "tracelib:store/migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == HEAD
    assert [script.revision for script in reversed(list(scripts.walk_revisions()))] == list(KNOWN)


def test_a_database_of_the_first_release_is_upgraded_and_keeps_its_rows(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrate.upgrade(engine, "0001")
    row = {"id": "COOP1", "name_zh": "示例合作社", "name_en": "", "address": "", "contact": ""}
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO party ({names}) VALUES ({values})"), row)
    assert migrate.upgrade(engine) == ("0001", HEAD)
    assert migrate.differences(engine) == []
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name_zh FROM party")).scalar() == "示例合作社"
