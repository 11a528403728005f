"""Who issues, and where: the open issuer key with its delegation, and the workspace that the counters belong to."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.clock import Clock, SystemClock
from tracelib.codes.serial import SerialCipher
from tracelib.errors import RuleError

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.delegation import Delegation
    from tracelib.trust.keys import Signer


class NoPrefixError(RuleError):
    """The delegation gives no serial prefix, so its key issues nothing itself."""

    code = "issue.no_prefix"
    template = "The key of {party} has no serial prefix of its own: issue with the key of one of its issuers."


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer key that is open: it signs, ``delegation`` says what it may, ``serial_key`` is its K (32 bytes).

    ``production`` says whether the root is a production root, whose labels need licensed GTINs. ``line_windows`` are
    counters (first, last) that were given to line keys under the same prefix.
    """

    signer: "Signer"
    delegation: "Delegation"
    serial_key: bytes = field(repr=False)
    production: bool = False
    line_windows: tuple[tuple[int, int], ...] = ()
    earliest_s: int = 0
    """Seconds since 1970 before which no clock is believed (``KeyRing.earliest_s``)."""

    def __post_init__(self) -> None:
        if not self.delegation.signs_serials:
            raise NoPrefixError(party=self.delegation.subject)

    @property
    def key_hash(self) -> bytes:
        """The full SHA-256 of the issuer's public key."""
        return self.signer.public.hash

    @property
    def party_id(self) -> str:
        """The party that issues."""
        return self.delegation.subject

    @property
    def prefix(self) -> str:
        """The serial prefix, 4 characters."""
        return self.delegation.prefix or ""

    @property
    def cipher(self) -> SerialCipher:
        """The serials of this delegation."""
        return SerialCipher(self.serial_key, self.prefix)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where codes are issued: the store, the key folder with the counter guard, and whose counters these are.

    ``workspace`` and ``machine`` are the ids of ``tracelib.trust.workspace_id``; ``processes`` may share long work.
    ``marks`` is where this machine remembers how far guards had come, None for nowhere.
    """

    store: "Store"
    keys: Path
    workspace: str
    machine: str
    clock: Clock = field(default_factory=SystemClock)
    processes: int = 1
    marks: Path | None = None
