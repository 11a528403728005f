"""The migrations make exactly the tables that the program declares."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from tracelib.store import migrate
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


def test_regenerating_changes_nothing() -> None:
    before = migrate.FIRST.read_text(encoding="utf-8")
    assert migrate.render_first() == before
