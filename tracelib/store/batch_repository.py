"""Batches in the database: registered in sets, found by any part of their name."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from tracelib.batches.batch import Batch, BatchState


@dataclass(frozen=True, slots=True)
class RegisteredFile:
    """A file that batches were registered from: SHA-256 of its bytes, its name, its rows, and when (UTC)."""

    sha256: bytes
    name: str
    rows: int
    registered_at: datetime


class BatchRepository:
    """Reads and writes batches in the caller's transaction (``uow.batches``)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, party_id: str, product_id: str, lot: str) -> Batch | None:
        """One batch, or None."""
        raise NotImplementedError

    def find(self, lot: str, product_id: str | None = None, party_id: str | None = None) -> list[Batch]:
        """Every batch with this lot, of the product and party where they are given; in the order of their keys."""
        raise NotImplementedError

    def nearest_lots(self, given: str, party_id: str | None = None) -> list[str]:
        """Up to three references of batches whose lot looks most like ``given``."""
        raise NotImplementedError

    def list(
        self, party_id: str | None = None, product_id: str | None = None, limit: int | None = None
    ) -> list[Batch]:
        """Batches, newest production first."""
        raise NotImplementedError

    def count(self, party_id: str | None = None, product_id: str | None = None) -> int:
        """How many batches there are."""
        raise NotImplementedError

    def existing(self, keys: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], Batch]:
        """Those of the keys (party_id, product_id, lot) that are registered, with their batches; set-based."""
        raise NotImplementedError

    def add(self, batches: Iterable[Batch], registered_at: datetime) -> int:
        """Insert new batches in bulk and return how many; a key that exists is the caller's mistake."""
        raise NotImplementedError

    def set_state(self, batch: Batch, state: BatchState) -> Batch:
        """Move a batch to another state and return it; raises BatchStateError where ``TRANSITIONS`` forbids it."""
        raise NotImplementedError

    def file(self, party_id: str, sha256: bytes) -> RegisteredFile | None:
        """The earlier registration of a file with this hash for this party, or None."""
        raise NotImplementedError

    def add_file(self, party_id: str, file: RegisteredFile) -> None:
        """Note that a file was registered for this party; the same file again is no second note."""
        raise NotImplementedError
