"""GS1 Digital Link URIs, in and out (GS1 Digital Link Standard: URI Syntax 1.x)."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A Digital Link as its parts: the key that identifies, its qualifiers in order, data attributes.

    ``key`` and the others are (AI, value) pairs with values decoded. Key: 01, 00, 414 or 417.
    """

    key: tuple[str, str]
    qualifiers: tuple[tuple[str, str], ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of_trade_item(cls, gtin: str, *, lot: str | None = None, serial: str | None = None) -> Self:
        """A link for GTIN (14 digits) with lot (AI 10) and serial (AI 21)."""
        raise NotImplementedError

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Read and validate a Digital Link URI; http and https, any host and path prefix."""
        raise NotImplementedError

    def get(self, ai: str) -> str | None:
        """The value of an AI anywhere in the link, or None."""
        pairs = (self.key, *self.qualifiers, *self.attributes)
        return next((value for key, value in pairs if key == ai), None)

    def as_uri(self, host: str = "id.gs1.org", path: str = "") -> str:
        """The link as a URI; with the default host and no path this is the canonical form."""
        raise NotImplementedError
