"""Find the recall that a person named, and how it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.clock import wall_text
from tracelib.operations.recalls.errors import (
    AmbiguousRecallError,
    RecallClosedError,
    RecallNameError,
    RecallNotFoundError,
)
from tracelib.trace.recall import Recall, RecallEntry, Verb

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

_NAME = re.compile(r"(?:([^/]{1,40})/)?([RD]\d{6}-\d{1,6})")


@dataclass(frozen=True, slots=True)
class FoundRecall:
    """A recall with everything that was done about it."""

    recall: Recall
    entries: tuple[RecallEntry, ...]

    @property
    def closing(self) -> RecallEntry | None:
        """The entry that closed it, None while it is open."""
        return next((one for one in self.entries if one.verb is Verb.CLOSED), None)

    @property
    def opening(self) -> RecallEntry:
        """The entry that says what was found when it was opened."""
        return self.entries[0]

    def of(self, verb: Verb) -> Sequence[RecallEntry]:
        """The entries of a kind."""
        return [one for one in self.entries if one.verb is verb]

    def require_open(self) -> None:
        """Raise RecallClosedError where it is closed."""
        if self.closing is not None:
            raise RecallClosedError(
                number=self.recall.number, at=wall_text(self.closing.at), operator=self.closing.operator
            )


def find_recall(uow: "UnitOfWork", text: str, party_default: str | None = None) -> FoundRecall:
    """The one recall that ``NUMBER`` or ``PARTY/NUMBER`` names.

    Raises RecallNameError, RecallNotFoundError, AmbiguousRecallError.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise RecallNameError(given=text)
    party, number = match.groups()
    found = uow.recalls.find(party or party_default or None, number)
    if not found:
        raise RecallNotFoundError(given=text)
    if len(found) > 1:
        raise AmbiguousRecallError(given=number, parties=", ".join(one.party_id for one in found))
    return FoundRecall(found[0], tuple(uow.recalls.entries(found[0])))
