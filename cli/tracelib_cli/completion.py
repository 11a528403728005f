"""Shell completion: what the shell is told when somebody presses Tab, values of the workspace among it.

A parameter gets its suggestions by its name (``party``, ``lot`` …), so that a new command completes without a word
about it. Nothing here may ever print an error: whoever presses Tab did not ask for one.
"""

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

if TYPE_CHECKING:
    from tracelib_cli.settings import Settings

VARIABLE = "_TRACELIB_COMPLETE"
Suggest = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
Values = Iterable[tuple[str, str]]


def _settings(ctx: click.Context) -> "Settings":
    from tracelib_cli.settings import Settings

    return Settings.resolve({"workspace": ctx.find_root().params.get("workspace")})


def _from_database(what: str) -> Callable[[click.Context, str], Values]:
    def values(ctx: click.Context, start: str) -> Values:
        """What the SQLite database knows that begins so; nothing from a server."""
        from tracelib.store.peek import peek

        return peek(_settings(ctx).database_url(), what, start)

    return values


def _keys(ctx: click.Context, _start: str) -> Values:
    return [(path.stem, "") for path in sorted(_settings(ctx).path("keys").glob("*.key"))]


def _templates(ctx: click.Context, _start: str) -> Values:
    from tracelib.labels.template_files import builtin_names, own_names

    folder = _settings(ctx).folder
    return [(name, "") for name in (*builtin_names(), *own_names(folder / "templates" if folder else None))]


def _settings_keys(_ctx: click.Context, _start: str) -> Values:
    from tracelib_cli.settings import SETTINGS

    return [(setting.key, setting.help) for setting in SETTINGS]


def _suggesting(values: Callable[[click.Context, str], Values]) -> Suggest:
    def suggest(ctx: click.Context, _parameter: click.Parameter, start: str) -> list[CompletionItem]:
        """What fits the beginning; nothing where anything is in the way."""
        try:
            found = list(values(ctx, start))
        except Exception:  # noqa: BLE001 - no workspace, a broken file, anything: then there is nothing to suggest
            return []
        return [CompletionItem(value, help=word or None) for value, word in found if value.startswith(start)]

    return suggest


PARTIES, BRANDS, PRODUCTS, BATCHES = (
    _suggesting(_from_database(what)) for what in ("party", "brand", "product", "batch")
)
KEYS, TEMPLATE_NAMES, SETTING_KEYS = _suggesting(_keys), _suggesting(_templates), _suggesting(_settings_keys)

BY_NAME: dict[str, Suggest] = {
    **dict.fromkeys(("party", "party_id", "owner"), PARTIES),
    **dict.fromkeys(("brand", "brand_id"), BRANDS),
    **dict.fromkeys(("product", "products", "product_id", "product_ids"), PRODUCTS),
    **dict.fromkeys(("lot", "lots", "batch", "batches"), BATCHES),
    **dict.fromkeys(("key", "key_name", "local", "parent", "signer", "signers"), KEYS),
    "template": TEMPLATE_NAMES,
}
"""What a parameter is called, and what is suggested for it."""


def attach(parameter: click.Parameter) -> None:
    """Give a parameter its suggestions, unless it has some of its own (``shell_complete=``) or a type that has."""
    suggest = BY_NAME.get(parameter.name or "")
    if suggest is not None and parameter._custom_shell_complete is None and parameter.type.name == "text":
        parameter._custom_shell_complete = suggest


class PowerShellComplete(ShellComplete):
    """PowerShell, which click does not know: the words come joined by line feeds in ``COMP_WORDS``."""

    name = "powershell"
    source_template = r"""
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = $commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text.Trim("'", '"') }
    $env:COMP_WORDS = @($words) -join "`n"
    $env:COMP_CURRENT = $wordToComplete
    $env:%(complete_var)s = "powershell_complete"
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        %(prog_name)s | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $help)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:COMP_WORDS, Env:COMP_CURRENT
    }
}
"""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words behind the program's name, without the one that is being written, and that one."""
        words = os.environ.get("COMP_WORDS", "").split("\n")[1:]
        incomplete = os.environ.get("COMP_CURRENT", "")
        if incomplete and words and words[-1] == incomplete:
            words.pop()
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Value, tab, explanation."""
        return f"{item.value}\t{item.help or ''}".rstrip()


def register() -> None:
    """Make PowerShell known to click; the other shells are."""
    add_completion_class(PowerShellComplete)
