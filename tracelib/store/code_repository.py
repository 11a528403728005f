"""Codes in the store: counters, ranges, manifests; activations, voids and checks of single units.

For the line: :meth:`CodeRepository.activate` and :meth:`CodeRepository.states`. For the page:
:meth:`CodeRepository.record_check`. A unit is named by its ``unit_id`` (15-character serial or 18-digit SSCC) under the
party that issued it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Activation:
    """A unit that becomes active at ``activated_at`` (aware). ``weight_g`` is the measured weight, if there is one."""

    party_id: str
    unit_id: str
    product_key: str
    lot: str
    activated_at: datetime
    station: str = ""
    weight_g: int | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Voided:
    """A unit that is void: since when, why (damaged, lost, returned, misprint), and what replaced it."""

    party_id: str
    unit_id: str
    reason: str
    voided_at: datetime
    operator: str
    replaced_by: str | None = None


@dataclass(frozen=True, slots=True)
class UnitHistory:
    """What happened to one unit; both None when nothing did."""

    activation: Activation | None
    voided: Voided | None


@dataclass(frozen=True, slots=True)
class CheckCount:
    """How often a unit was checked (this time included) and when for the first time."""

    count: int
    first_at: datetime


class CodeRepository:
    """Set-based work on the code tables within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def activate(self, activations: Sequence[Activation]) -> list[Activation]:
        """Make units active, all in one statement; returns those that were active before, as they were recorded.

        The first activation stands: a second one changes nothing and is answered with the first. Void units are the
        caller's to refuse (:meth:`states`).
        """
        raise NotImplementedError

    def states(self, party_id: str, unit_ids: Iterable[str]) -> Mapping[str, UnitHistory]:
        """What happened to these units of one party: one entry for every unit asked for."""
        raise NotImplementedError

    def void(self, entries: Sequence[Voided]) -> list[Voided]:
        """Make units void for ever; returns those that were void before, as they were recorded."""
        raise NotImplementedError

    def record_check(self, party_id: str, unit_id: str, at: datetime) -> CheckCount:
        """Count one check by a person: the number of checks so far, this one included, and the first one's time."""
        raise NotImplementedError

    def checks(self, party_id: str, unit_id: str) -> CheckCount | None:
        """The checks so far, None when there was none; counts nothing."""
        raise NotImplementedError
