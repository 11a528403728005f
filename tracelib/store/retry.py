"""Decide a step anew where another writer was quicker."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from tracelib.store.errors import ConflictError

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork

T = TypeVar("T")
TRIES = 50
"""So often at most; then somebody writes without a pause, and the last ConflictError is the answer."""


def retried(step: Callable[[], T]) -> T:
    """Do ``step``, again from its beginning where another writer was quicker (ConflictError)."""
    for _ in range(TRIES - 1):
        try:
            return step()
        except ConflictError:
            continue
    return step()


def in_turn(store: "Store", work: "Callable[[UnitOfWork], T]") -> T:
    """Do ``work`` in a transaction, again from its beginning where another writer was quicker."""

    def step() -> T:
        """One whole transaction."""
        with store.unit_of_work() as uow:
            return work(uow)

    return retried(step)
