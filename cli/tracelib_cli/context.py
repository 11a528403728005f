"""What a command works with, opened only when it is asked for."""

import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import click

from tracelib.clock import Clock, SystemClock
from tracelib.errors import SettingsError
from tracelib.text import Language, for_counts, language_of, phrase, phrases
from tracelib_cli.output import Output, echo, on_one_line
from tracelib_cli.settings import Settings, SettingValueError, written_language

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.keystore import KeyStore

PASSPHRASE_VARIABLE = "TRACELIB_PASSPHRASE"  # noqa: S105 - the name of a variable
LONGEST_PASSPHRASE = 1024
SHORTEST_PASSPHRASE = 6
"""What a new passphrase has at least, a character beyond ASCII counting as two."""
GOOD_PASSPHRASE = 10
"""A shorter one is taken with a warning."""
WEAK_PASSPHRASE = phrase(
    "! This passphrase counts {length} letters, and whoever copies the key file can guess it. Good are four words that "
    "do not belong together, such as «orange ladder river tuesday»; not names, birthdays, telephone numbers."
)
LONGEST_OPERATOR = 60
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their class that show nothing (Hangul fillers)."""


class NoPassphraseError(SettingsError):
    """A passphrase is needed and nobody is there to type it."""

    code = "settings.no_passphrase"
    template = (
        "A passphrase is needed for {what}, and there is no terminal to ask at: "
        "set TRACELIB_PASSPHRASE or give --passphrase-fd N."
    )


class ShortPassphraseError(SettingsError):
    """A new passphrase that anybody could guess."""

    code = "settings.short_passphrase"
    template = (
        "The passphrase for {what} is too short: it must have at least {least} letters (a Chinese character counts as "
        "two); several words are best. Nothing was made."
    )


class PassphraseDescriptorError(SettingsError):
    """--passphrase-fd names a descriptor that cannot be read."""

    code = "settings.passphrase_fd"
    template = (
        "File descriptor {number} cannot be read ({detail}): open it for the program, as in --passphrase-fd 3 3<FILE."
    )


def language_from(option: str | None, workspace: str | None = None) -> Language:
    """The language of messages before the settings are resolved: --lang, ``TRACELIB_LANG``, the ``lang`` of the
    workspace (``workspace`` as --workspace names it), then the locale.
    """
    env = os.environ
    if tag := option or env.get("TRACELIB_LANG") or written_language(workspace or env.get("TRACELIB_WORKSPACE")):
        return language_of(tag)
    return language_of(env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or "en")


def _length(passphrase: str) -> int:
    """Letters of a passphrase; a Chinese character counts as two."""
    return sum(1 if character.isascii() else 2 for character in passphrase.strip())


@dataclass
class Context:
    """One run of the command: settings, language, clock, and the ways to store and keys."""

    options: dict[str, str | None]
    language: Language
    clock: Clock = field(default_factory=SystemClock)
    passphrase_fd: int | None = None
    out: Output = field(default_factory=lambda: Output(json=False))
    KNOWN_LANGUAGES: ClassVar[tuple[str, ...]] = ("", "zh", "en")

    @cached_property
    def settings(self) -> Settings:
        """All settings; raises where the workspace or its file is faulty."""
        settings = Settings.resolve(self.options)
        if settings.text("lang") not in self.KNOWN_LANGUAGES:
            raise SettingValueError(given=settings.text("lang"), key="lang", origin="settings", expected="zh or en")
        return settings

    def say(self, text: str, **values: object) -> str:
        """An interface phrase in the user's language, its placeholders filled."""
        phrase = for_counts(text, values) if self.language == "en" else phrases(self.language)(text)
        if not values:
            return phrase
        return phrase.format(**{k: on_one_line(str(v)) if isinstance(v, str | Path) else v for k, v in values.items()})

    @cached_property
    def store(self) -> "Store":
        """The workspace's database; its schema is checked, never upgraded silently. Handed over, it is only read."""
        from tracelib.store.counter_guard import refuse_moved
        from tracelib.store.errors import NoDatabaseError, SchemaMissingError
        from tracelib.store.unit_of_work import Store
        from tracelib.trust.workspace_id import workspace_id
        from tracelib_cli.lost_books import refuse_lost_books

        keys = self.settings.path("keys")
        try:
            workspace = workspace_id(self.settings.workspace)
        except FileNotFoundError:
            workspace = ""

        def before_writing() -> None:
            refuse_moved(keys)
            _ = self.operator  # raises for nobody

        try:
            return Store.open(
                self.settings.database_url(),
                operator=operator_or_nobody(self.settings),
                before_writing=before_writing,
                workspace=workspace,
            )
        except (NoDatabaseError, SchemaMissingError):
            refuse_lost_books(self.settings)  # a backup helps, new tables do not
            raise

    @cached_property
    def operator(self) -> str:
        """Who is working: --as, the setting ``operator``, else the name that the machine knows the user by."""
        return operator_of(self.settings)

    @cached_property
    def keystore(self) -> "KeyStore":
        """The workspace's key files."""
        from tracelib.trust.keystore import KeyStore

        return KeyStore(self.settings.path("keys"))

    @cached_property
    def passphrase(self) -> bytes:
        """The key store's passphrase: --passphrase-fd, then ``TRACELIB_PASSPHRASE``, then a prompt."""
        return self.ask_passphrase(self.say("the key store"), confirm=False)

    def ask_passphrase(self, what: str, *, confirm: bool, variable: str = PASSPHRASE_VARIABLE) -> bytes:
        """A passphrase from descriptor, variable or prompt. ``confirm`` asks twice, for a new one.

        Raises:
            NoPassphraseError, PassphraseDescriptorError: there is none.
            ShortPassphraseError: a new one that is too short.
        """
        given = self._passphrase(what, confirm, variable)
        if confirm:
            length = _length(given.decode("utf-8", "replace"))
            if length < SHORTEST_PASSPHRASE:
                raise ShortPassphraseError(what=what, least=SHORTEST_PASSPHRASE)
            if length < GOOD_PASSPHRASE and not self.out.json:
                echo(self.say(WEAK_PASSPHRASE, length=length), err=True)
        return given

    def _passphrase(self, what: str, confirm: bool, variable: str) -> bytes:
        if self.passphrase_fd is not None and variable == PASSPHRASE_VARIABLE:
            try:
                with os.fdopen(os.dup(self.passphrase_fd), "rb") as stream:
                    return stream.readline(LONGEST_PASSPHRASE).rstrip(b"\r\n")
            except OSError as error:
                raise PassphraseDescriptorError(number=self.passphrase_fd, detail=error.strerror) from None
        if variable in os.environ:
            return os.environ[variable].encode("utf-8", "surrogateescape")
        if not sys.stdin.isatty():
            raise NoPassphraseError(what=what)
        return self._prompted(what, confirm).encode()

    def _prompted(self, what: str, confirm: bool) -> str:
        """Ask until there is an answer, and with ``confirm`` until it is long enough and said twice alike."""

        def ask(text: str) -> str:
            answer: str = click.prompt(text, hide_input=True, default="", show_default=False, err=True)
            return answer

        if confirm:
            text = "At least {least} letters (a Chinese character counts as two); several words are best."
            echo(self.say(text, least=SHORTEST_PASSPHRASE), err=True)
        while True:
            given = ask(self.say("Passphrase for {what}", what=self.say(what)))
            if not given:
                echo(self.say("An answer is needed here; what is typed is not shown."), err=True)
            elif confirm and _length(given) < SHORTEST_PASSPHRASE:
                echo(self.say("That is too short."), err=True)
            elif confirm and ask(self.say("The same once more")) != given:
                echo(self.say("The two are not the same: type it again."), err=True)
            else:
                return given

    @cached_property
    def serial_keys(self) -> dict[bytes, bytes]:
        """The serial keys K by their hash, where a passphrase was given without asking; empty otherwise.

        For what starts unattended (a line, the page) and for what must never ask (verify): without K the steps
        *registration* and *quota* stay open.
        """
        from tracelib.operations.verify import held_serial_keys

        given = self.passphrase_fd is not None or PASSPHRASE_VARIABLE in os.environ
        return held_serial_keys(self.keystore, self.passphrase if given else None)

    def bundle_path(self) -> Path:
        """Where the workspace keeps its trust bundle."""
        return self.settings.path("bundle")


class NobodyError(SettingsError):
    """The machine has no name for the user, and nobody says who is working."""

    code = "settings.nobody"
    template = (
        "Who is working? This machine has no name for its user, and every change names somebody. Say it: --as NAME; "
        "for good: tracelib --as NAME config set operator NAME. Nothing was written."
    )


def operator_of(settings: Settings) -> str:
    """The operator's name as the settings have it, else the machine's user.

    SettingValueError where it is no name; NobodyError where there is none.
    """
    given = settings.origin("operator") == Settings.ORIGIN_OPTION
    name = settings.text("operator") if given else settings.text("operator") or _user_name()
    shown = any(character.isalnum() and character not in _FILLERS for character in name)
    if not shown or not name.isprintable() or len(name.strip()) > LONGEST_OPERATOR:
        expected = f"one line of 1 to {LONGEST_OPERATOR} characters, with a letter or digit"
        raise SettingValueError(given=name, key="operator", origin="--as" if given else "settings", expected=expected)
    return name.strip()


def operator_or_nobody(settings: Settings) -> str:
    """The operator's name; empty where nobody is named, for what only reads."""
    try:
        return operator_of(settings)
    except NobodyError:
        return ""


def _user_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id without a name
        raise NobodyError() from None


pass_context = click.make_pass_decorator(Context)
