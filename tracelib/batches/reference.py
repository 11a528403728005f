"""How a person names a batch: ``LOT``, ``PRODUCT/LOT`` or ``PARTY/PRODUCT/LOT``."""

import re
from dataclasses import dataclass

from tracelib.batches.errors import BatchReferenceError
from tracelib.identifiers.own_number import OWN_NUMBER_PATTERN

_OWN_NUMBER = re.compile(OWN_NUMBER_PATTERN)


@dataclass(frozen=True, slots=True)
class BatchReference:
    """A batch as it was named; ``party_id`` and ``product_id`` are None where they were left out."""

    lot: str
    product_id: str | None = None
    party_id: str | None = None

    @classmethod
    def parse(cls, text: str) -> "BatchReference":
        """Read ``LOT``, ``PRODUCT/LOT`` or ``PARTY/PRODUCT/LOT``; nothing is folded or trimmed.

        Raises:
            BatchReferenceError: more than three parts, or a part that is no own number.
        """
        parts = text.split("/")
        if len(parts) > 3 or not all(_OWN_NUMBER.fullmatch(part) for part in parts):
            raise BatchReferenceError(given=text)
        return cls(*reversed(parts))

    def __str__(self) -> str:
        return "/".join(part for part in (self.party_id, self.product_id, self.lot) if part is not None)
