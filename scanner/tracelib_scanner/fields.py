"""Fields taken from a configuration table one by one; every fault is noted, none ends the check."""

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from tracelib.errors import TraceError
from tracelib_scanner.errors import LineFieldError, LineFieldMissingError, LineFieldUnknownError

T = TypeVar("T")


class Table:
    """A TOML table whose fields are taken by name.

    ``where`` leads every message, ``faults`` is shared and grows, relative paths are relative to ``folder``.
    """

    def __init__(self, values: Mapping[str, object], where: str, faults: list[TraceError], folder: Path) -> None:
        self.where = where
        self.folder = folder
        self.faults = faults
        self._values = dict(values)
        self._asked: list[str] = []

    def place(self, name: str) -> str:
        """How messages call a field."""
        return f"{self.where}{name}"

    def fault(self, name: str, given: object, expected: str) -> None:
        """Note that a field's value does not fit."""
        self.faults.append(LineFieldError(where=self.place(name), given=given, expected=expected))

    def take(self, name: str, fallback: T, expected: str, check: Callable[[object], T | None], required: bool) -> T:
        """A field that ``check`` turns into its value, or into None when it does not fit; ``fallback`` when absent."""
        self._asked.append(name)
        if name not in self._values:
            if required:
                self.faults.append(LineFieldMissingError(where=self.place(name), expected=expected))
            return fallback
        given = self._values.pop(name)
        value = check(given)
        if value is None:
            self.fault(name, given, expected)
            return fallback
        return value

    def text(self, name: str, default: str = "", expected: str = "text", *, required: bool = False) -> str:
        """A text field; an empty text does not fit a required one."""

        def check(given: object) -> str | None:
            return given if isinstance(given, str) and (given or not required) else None

        return self.take(name, default, expected, check, required)

    def path(self, name: str, expected: str, default: str = "") -> Path:
        """A path, relative ones against ``folder``; required unless it has a default."""
        return self.folder / self.text(name, default, expected, required=not default)

    def choice(self, name: str, default: str, choices: Mapping[str, object] | tuple[str, ...]) -> str:
        """One of a few words."""

        def check(given: object) -> str | None:
            return given if isinstance(given, str) and given in choices else None

        return self.take(name, default, " | ".join(choices), check, False)

    def number(self, name: str, default: float, low: float, high: float, unit: str = "") -> float:
        """A number from ``low`` to ``high``."""

        def check(given: object) -> float | None:
            if isinstance(given, bool) or not isinstance(given, int | float):
                return None
            return float(given) if low <= given <= high else None

        return self.take(name, default, f"a number from {low:g} to {high:g} {unit}".rstrip(), check, False)

    def integer(self, name: str, default: int, low: int, high: int, *, required: bool = False) -> int:
        """A whole number from ``low`` to ``high``."""

        def check(given: object) -> int | None:
            if isinstance(given, bool) or not isinstance(given, int):
                return None
            return given if low <= given <= high else None

        return self.take(name, default, f"a whole number from {low} to {high}", check, required)

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        return self.take(name, default, "true or false", lambda v: v if isinstance(v, bool) else None, False)

    def texts(self, name: str, default: tuple[str, ...], expected: str = "a list of texts") -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""

        def check(given: object) -> tuple[str, ...] | None:
            items = [given] if isinstance(given, str) else given
            if isinstance(items, list) and all(isinstance(item, str) for item in items):
                return tuple(items)
            return None

        return self.take(name, default, expected, check, False)

    def tables(self, name: str, singular: str) -> "list[Table]":
        """The tables of an array such as ``[[device]]``; at least one."""

        def check(given: object) -> list[Mapping[str, object]] | None:
            fits = isinstance(given, list) and given and all(isinstance(item, dict) for item in given)
            return list(given) if fits and isinstance(given, list) else None

        empty: list[Mapping[str, object]] = []
        found = self.take(name, empty, f"[[{name}]]", check, True)
        return [
            Table(values, f"{singular} {number}: ", self.faults, self.folder) for number, values in enumerate(found, 1)
        ]

    def table(self, name: str) -> "Table | None":
        """An optional table such as ``[screen]``; None where it is absent."""
        nothing: Mapping[str, object] | None = None
        found = self.take(name, nothing, f"[{name}]", lambda v: v if isinstance(v, dict) else None, False)
        return None if found is None else Table(found, f"{name}: ", self.faults, self.folder)

    def finish(self) -> None:
        """Note every field that nobody asked for."""
        for name in self._values:
            nearest = difflib.get_close_matches(name, self._asked, n=1, cutoff=0)
            self.faults.append(LineFieldUnknownError(where=self.place(name), nearest=nearest[0] if nearest else "?"))
