"""Whom a line works for: its own file says so, else the workspace."""

from typing import TYPE_CHECKING

from tracelib.errors import SettingsError
from tracelib_cli.context import Context

if TYPE_CHECKING:
    from tracelib_scanner.config import LineConfig


class NoPartyError(SettingsError):
    """Nobody says whom the line works for."""

    code = "line.no_party"
    template = "Whom does the line work for? Set «party» in {file} or in tracelib.toml."


def party_of(context: Context, config: "LineConfig") -> str:
    """The id of the party. NoPartyError."""
    party = config.party or context.settings.text("party")
    if not party:
        raise NoPartyError(file=config.file)
    return party
