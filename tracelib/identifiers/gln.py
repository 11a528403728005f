"""GLN: the number of a party or place (AI 410–417). GS1 General Specifications, sections 2.4 and 7.9.1."""

from dataclasses import dataclass
from typing import Self

from tracelib.identifiers.digits import require_digits, require_gs1_check_digit


@dataclass(frozen=True, slots=True, order=True)
class Gln:
    """Thirteen digits with a right check digit."""

    value: str

    def __post_init__(self) -> None:
        require_gs1_check_digit(require_digits(self.value, "GLN", 13), "GLN")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A GLN as 13 ASCII digits. Raises an :class:`~tracelib.identifiers.errors.IdentifierError`."""
        return cls(text)

    def __str__(self) -> str:
        return self.value
