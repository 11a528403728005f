"""What a verifier was asked with: trust, registry, time, serial keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.clock import CHINA, DAY_ZERO
from tracelib.codes.registry import Registry
from tracelib.codes.serial import PREFIX_LENGTH, SerialCipher

if TYPE_CHECKING:
    from tracelib.trust.delegation import Delegation
    from tracelib.trust.keyring import KeyRing

DAY_S = 86_400
DAY_ZERO_S = int(datetime(DAY_ZERO.year, DAY_ZERO.month, DAY_ZERO.day, tzinfo=CHINA).timestamp())


def day_start_s(day: int) -> int:
    """Unix seconds at which a code's day begins, in UTC+08:00."""
    return DAY_ZERO_S + day * DAY_S


class Asked:
    """One question's surroundings. ``now_s`` and ``today`` are never earlier than the bundle's issue."""

    __slots__ = ("keyring", "now", "now_s", "registry", "serial_keys", "today")

    def __init__(
        self, keyring: "KeyRing", registry: Registry | None, now: datetime, serial_keys: Mapping[bytes, bytes]
    ) -> None:
        self.keyring = keyring
        self.registry = registry
        self.now = now
        self.serial_keys = serial_keys
        now_s = int(now.timestamp())
        self.now_s = now_s if now_s > keyring.earliest_s else keyring.earliest_s
        self.today = (self.now_s - DAY_ZERO_S) // DAY_S

    def counter_of(self, serial: str | None, delegation: "Delegation") -> int | None:
        """The counter behind a serial of this delegation, if its serial key K is held here."""
        k = self.serial_keys.get(delegation.k_hash) if delegation.k_hash is not None else None
        if k is None or serial is None:
            return None
        return SerialCipher(k, serial[:PREFIX_LENGTH]).counter_of(serial)
