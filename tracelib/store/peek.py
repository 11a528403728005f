"""A quick look into a workspace's database for shell completion: no schema check, no library, never an error.

Reads SQLite alone, for at most a moment; from another database nothing is suggested.
"""

import sqlite3
import time
from pathlib import Path

MOST = 50
PATIENCE_S = 0.12
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


def peek(database: Path, what: str, start: str) -> list[tuple[str, str]]:
    """Up to fifty values of a kind that begin with ``start``, each with a word on it; none where anything is wrong."""
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
