"""A quick look into a workspace's database for shell completion: no schema check, no library, never an error.

Whoever pressed the Tab key waits, so a SQLite file has an eighth of a second and a PostgreSQL server, connecting
included, one second; what does not answer by then suggests nothing.
"""

import re
import sqlite3
import threading
import time
from pathlib import Path

MOST = 50
PATIENCE_S = 0.12
SERVER_PATIENCE_S = 1.0
SQLITE, SERVER = "sqlite:///", "postgresql"
_STEPS = 2000

QUERIES = {
    "party": "SELECT id, name_zh FROM party WHERE id GLOB :start ORDER BY id",
    "brand": "SELECT id, name_zh FROM brand WHERE id GLOB :start ORDER BY id",
    "product": (
        "SELECT id AS value, name_zh FROM product WHERE id GLOB :start "
        "UNION SELECT party_id || '/' || id, name_zh FROM product WHERE party_id || '/' || id GLOB :start "
        "ORDER BY value"
    ),
    "batch": (
        "SELECT lot AS value, product_id FROM batch WHERE lot GLOB :start "
        "UNION SELECT product_id || '/' || lot, party_id FROM batch WHERE product_id || '/' || lot GLOB :start "
        "UNION SELECT party_id || '/' || product_id || '/' || lot, '' FROM batch "
        "WHERE party_id || '/' || product_id || '/' || lot GLOB :start ORDER BY value"
    ),
}
"""What can be suggested, and where it stands: (value, explanation)."""
_GLOB = re.compile(r"([a-z_]+(?: \|\| (?:'/'|[a-z_]+))*) GLOB :start")


def peek(url: str, what: str, start: str) -> list[tuple[str, str]]:
    """Up to fifty values of a kind that begin with ``start``, each with a word on it, out of the database with this
    URL; none where anything is wrong.
    """
    if url.startswith(SQLITE):
        return _peek_file(Path(url.removeprefix(SQLITE)), what, start)
    return _peek_server(url, what, start) if url.startswith(SERVER) else []


def _peek_server(url: str, what: str, start: str) -> list[tuple[str, str]]:
    """Asked in a thread that is left alone when the time is over: a name that cannot be resolved hangs for long."""
    found: list[tuple[str, str]] = []

    def ask() -> None:
        try:
            import psycopg

            limits = f"-c default_transaction_read_only=on -c statement_timeout={int(SERVER_PATIENCE_S * 1000)}"
            place = SERVER + url.removeprefix(SERVER).removeprefix("+psycopg")
            with psycopg.connect(place, connect_timeout=2, options=limits) as connection:
                query = _GLOB.sub(r"starts_with(\1, %(start)s)", f"{QUERIES[what]} LIMIT {MOST}")
                found.extend(
                    (str(value), str(word or "")) for value, word in connection.execute(query, {"start": start})
                )
        except Exception:  # noqa: BLE001 - no server, no driver, anything: then there is nothing to suggest
            return

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(SERVER_PATIENCE_S)
    return [] if asking.is_alive() else found


def _peek_file(database: Path, what: str, start: str) -> list[tuple[str, str]]:
    pattern = "".join(f"[{c}]" if c in "*?[" else c for c in start) + "*"
    try:
        connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)
    except sqlite3.Error:
        return []
    deadline = time.monotonic() + PATIENCE_S
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        rows = connection.execute(f"{QUERIES[what]} LIMIT {MOST}", {"start": pattern}).fetchall()
    except sqlite3.Error:
        return []
    finally:
        connection.close()
    return [(str(value), str(word or "")) for value, word in rows]
