"""The migrations make exactly the tables that the program declares."""

import json
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


def test_events_of_the_second_release_are_found_by_their_objects_after_the_upgrade(tmp_path: Path) -> None:
    database = tmp_path / "old.db"
    engine = make_engine(f"sqlite:///{database}")
    migrate.upgrade(engine, "0002")
    carton, pallet = "7KQX9Y93Q6MJ608", "106141412345678908"
    at = "2026-11-23 01:30:00.000000"
    born = {
        "type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "ilmd": {"cbvmda:lotNumber": "A1"},
        "epcList": [f"https://id.gs1.org/01/06901234567892/21/{carton}"],
    }  # fmt: skip
    packed = {
        "type": "AggregationEvent", "action": "ADD", "parentID": f"https://id.gs1.org/00/{pallet}",
        "childEPCs": born["epcList"],
    }  # fmt: skip
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        for event_id, document in (("e1", born), ("e2", packed)):
            connection.execute(
                text("INSERT INTO event VALUES ('COOP1', :id, '', :kind, '', :at, :at, :document)"),
                {"id": event_id, "kind": document["type"], "at": at, "document": json.dumps(document)},
            )
        connection.execute(
            text(
                "INSERT INTO containment (party_id, unit_id, event_id, parent_id, packed_at)"
                " VALUES ('COOP1', :unit, 'e2', :parent, :at)"
            ),
            {"unit": carton, "parent": pallet, "at": at},
        )
    assert migrate.upgrade(engine) == ("0002", HEAD)
    assert migrate.differences(engine) == []
    with Store.open(f"sqlite:///{database}") as store, store.reading() as uow:
        assert uow.containment.children_of("COOP1", pallet) == [carton]
        found = [(role.value, one.key.event_id) for _, role, one in uow.events.naming("COOP1", [carton, pallet])]
        assert found == [("epc", "e1"), ("parent", "e2")]
        (lot,) = uow.events.naming("COOP1", ["https://id.gs1.org/01/06901234567892/10/A1"])
        assert lot[2].key.event_id == "e1"
