"""Unlocking keys: one passphrase for the whole key store, or one for each key."""

import os
from typing import TYPE_CHECKING

from tracelib_cli.context import PASSPHRASE_VARIABLE, Context

if TYPE_CHECKING:
    from tracelib.trust.keystore import OpenKey


class Unlocker:
    """Opens keys of the workspace. The passphrase of a key comes from ``TRACELIB_PASSPHRASE_NAME`` (its name in capital
    letters, ``_`` for hyphens), else from --passphrase-fd or ``TRACELIB_PASSPHRASE``, else from a prompt that names the
    key; what was typed is tried for the next key before asking again.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._typed: list[bytes] = []
        self._of_key: dict[str, bytes] = {}

    def open(self, name: str) -> "OpenKey":
        """The unlocked key. KeyNotFoundError; PassphraseError where the passphrase is wrong."""
        from tracelib.trust.errors import PassphraseError

        self._context.keystore.info(name)  # before anybody is asked for anything
        for passphrase in self._typed:
            try:
                return self._opened(name, passphrase)
            except PassphraseError:
                continue
        return self._opened(name, self._asked(name))

    def passphrase_of(self, name: str) -> bytes:
        """The passphrase that opened a key."""
        return self._of_key[name]

    def _opened(self, name: str, passphrase: bytes) -> "OpenKey":
        opened = self._context.keystore.open(name, passphrase)
        self._of_key[name] = passphrase
        return opened

    def _asked(self, name: str) -> bytes:
        context = self._context
        variable = f"{PASSPHRASE_VARIABLE}_{name.upper().replace('-', '_')}"
        if variable in os.environ:
            return os.environ[variable].encode()
        if context.passphrase_fd is not None or PASSPHRASE_VARIABLE in os.environ:
            return context.passphrase
        typed = context.ask_passphrase(context.say("the key «{name}»", name=name), confirm=False)
        self._typed.append(typed)
        return typed
