"""The error tree. Each room defines its leaves beside the code that raises them.

::

    TraceError
     ├─ FormatError         input that is not what it should be: identifiers, codes, files, sheets
     ├─ VerificationError   a signature, chain or code that does not hold
     ├─ RuleError           a rule of the trade or of the catalogue forbids it
     ├─ NotFoundError       something named is not there
     ├─ SettingsError       settings, passphrases, missing extras
     ├─ StoreError          database and disk
     ├─ SyncError           a platform
     └─ DeviceError         a reader, camera, printer

An error has a stable dotted ``code`` (documented in ``docs/errors.md``), says whether a retry may help, and keeps what
it speaks of in ``params``. Its English ``template`` names input, expectation and way out; translations are found by
``code`` and template (``tracelib.text``). An ordinary failure (an unreadable label) is a value, not an error.
"""

from collections.abc import Callable
from typing import ClassVar

SHOWN_CHARACTERS = 80

Translate = Callable[[str, str], str]
"""(code, English template) to the template in the reader's language."""


def harmless(text: str, keep: str = "") -> str:
    """A text without anything that steers a terminal, whoever wrote it: control sequences, line ends, marks that turn
    the direction of writing are spelled out (``\\x1b``). What is in ``keep`` stays.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else f"\\x{ord(c):02x}" for c in text)


def shown(value: object) -> str:
    """A value as it may stand in a message: one line, at most 80 characters, nothing that steers a terminal."""
    text = value if isinstance(value, str) else str(value)
    if len(text) > SHOWN_CHARACTERS:
        text = f"{text[:SHOWN_CHARACTERS]}… ({len(text)} characters)"
    return harmless(text)


class TraceError(Exception):
    """Root of every error that this project raises on purpose.

    Keyword arguments fill the template and stay available as ``params``. They must be safe to show and to log:
    no secrets, no whole payloads.
    """

    code: ClassVar[str] = "unexpected"
    retryable: ClassVar[bool] = False
    template: ClassVar[str] = "Something unexpected happened: {detail}."

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.message())

    def message(self, translate: Translate | None = None) -> str:
        """The text for people, in English or through ``translate``."""
        template = translate(self.code, self.template) if translate else self.template
        return template.format(**{name: shown(value) for name, value in self.params.items()})


class FormatError(TraceError):
    """Input that is not what it should be."""

    code = "format"


class VerificationError(TraceError):
    """A signature, a chain or a code does not hold."""

    code = "verification"


class RuleError(TraceError):
    """A rule forbids it; the input is well formed."""

    code = "rule"


class NotFoundError(TraceError):
    """Something that was named is not there."""

    code = "not_found"


class SettingsError(TraceError):
    """Settings, passphrases, a missing extra."""

    code = "settings"


class StoreError(TraceError):
    """Database, disk, files of the workspace."""

    code = "store"


class SyncError(TraceError):
    """A platform, or the way to it."""

    code = "sync"


class DeviceError(TraceError):
    """A reader, a camera, a printer."""

    code = "device"


class MissingExtraError(SettingsError):
    """An optional part of the distribution is not installed."""

    code = "settings.missing_extra"
    template = (
        "{what} needs the extra «{extra}», which is not installed. In the checkout: make setup (all extras), "
        "or pip install '.[{extra}]'"
    )
