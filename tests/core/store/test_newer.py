"""The restore guard looks at every table: a new one cannot be forgotten.

A restore is refused where the present database has anything that the backup lacks (``tracelib.store.newer``). New rows
are seen in every table. A row that is *changed in place* is only seen where the table is in ``_GROWING``, or where the
change leaves a new row elsewhere, in the same transaction: that is said here for every table.
"""

import re
from pathlib import Path

from tracelib.store import newer
from tracelib.store.tables import metadata

NEVER_CHANGED = "rows are added and never changed"
BOOK = "each change adds an entry to the book of changes"
VERSION = "each change adds a catalog_version and an entry to the book of changes"
SEEN_ELSEWHERE = {
    **dict.fromkeys(
        ("batch_file", "batch_flow", "batch_transformation", "catalog_version", "change_entry", "code_activation",
         "code_manifest", "code_replacement", "code_void", "containment", "event", "event_flag",
         "event_object", "print_entry", "recall", "recall_entry", "scan", "serial_prefix",
         "trust_bundle", "trust_delegation", "trust_revocation", "trust_root"),
        NEVER_CHANGED,
    ),
    **dict.fromkeys(("party", "brand", "product", "grade", "certification", "brand_authorization"), VERSION),
    **dict.fromkeys(("batch", "batch_mapping", "print_order", "print_roll"), BOOK),
    "code_range": "a range is finished by the manifest that is added with it",
}  # fmt: skip


def test_every_table_is_considered() -> None:
    tables = set(metadata().tables)
    growing, passing = set(newer._GROWING), set(newer._PASSING)
    forgotten = tables - growing - passing - set(SEEN_ELSEWHERE)
    assert not forgotten, f"{forgotten}: how does a restore notice a changed row? See tracelib/store/newer.py"
    assert not (growing | passing | set(SEEN_ELSEWHERE)) - tables, "named, and no table"
    assert not growing & passing
    assert not (growing | passing) & set(SEEN_ELSEWHERE)


def test_what_grows_is_a_column_and_every_table_has_a_key() -> None:
    tables = metadata().tables
    for name, column in newer._GROWING.items():
        assert column in tables[name].columns
    for table in tables.values():
        assert table.primary_key.columns, table.name


def test_rows_that_are_never_changed_are_not() -> None:
    """No statement of the store updates such a table, nor inserts with leave to update."""
    from tracelib.store.tables.columns import Row

    source = "".join(file.read_text("utf-8") for file in Path(newer.__file__).parent.glob("*.py"))
    changed = set(re.findall(r"\bupdate\(\s*(\w+)", source))
    assert "BatchRow" in changed, "the search finds what it should find"
    names = {row.__tablename__: row.__name__ for row in Row.__subclasses__()}
    for table, reason in SEEN_ELSEWHERE.items():
        if reason == NEVER_CHANGED:
            assert names.get(table, table) not in changed, table
