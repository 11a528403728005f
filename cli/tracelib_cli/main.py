"""Entry point: which commands there are, where they live, and what an error becomes."""

import gettext
import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from tracelib.errors import TraceError, harmless
from tracelib.text import Language, phrases
from tracelib_cli import completion, errors
from tracelib_cli.command import TranslatedGroup
from tracelib_cli.context import Context, language_from
from tracelib_cli.output import BLANKS
from tracelib_cli.settings import find_workspace

COMMANDS: dict[str, str] = {
    "init": "Make a workspace with a test root",
    "root": "The root set that everything is trusted by",
    "key": "Keys: make, list, show, revoke",
    "delegate": "Delegations: request, grant, accept, list",
    "bundle": "The signed trust bundle for offline verification",
    "party": "Parties: co-operatives, growers, packers",
    "brand": "Regional public brands",
    "product": "Products with GTIN or own number",
    "grade": "Grades of a product, append-only",
    "certification": "Certifications with their validity",
    "authorization": "Authorisations to use a brand",
    "catalog": "The whole catalogue: import, export, check, publish",
    "batch": "Batches from CSV and Excel",
    "unit": "Logistic units: pallets and their codes",
    "code": "Codes: issue, export, verify, void",
    "label": "Labels as PDF, PNG, SVG, ZPL",
    "print": "Print orders, deliveries, accounts of labels",
    "line": "The packing line",
    "device": "Readers: list, watch, test",
    "event": "EPCIS events",
    "trace": "Trace a code, batch or pallet back and forward",
    "recall": "Recalls and drills: open, notices, returns, close",
    "sync": "Push events to platforms",
    "serve": "The verification page",
    "db": "The database: upgrade, check",
    "backup": "Back up the workspace, check a backup",
    "restore": "Restore a backup",
    "workspace": "Move to another machine, go on after a restore",
    "config": "Settings: show, set",
    "changes": "The book of changes: who did what, when and why",
    "demo": "Play the main job on sample data",
    "tour": "A guided tour on sample data",
    "doctor": "Check this machine and workspace",
    "completion": "Completion at the Tab key for your shell",
}


LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
"""What ``TRACELIB_LOG`` may say."""


class LazyGroup(TranslatedGroup):
    """Loads ``tracelib_cli.commands.NAME`` when NAME is used, so that ``--help`` costs no imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command in the order of the day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object, which its module names ``command``."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"tracelib_cli.commands.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands, or this group's options, that begin so; no command is loaded."""
        say = phrases(language_of_context(ctx))
        found = [CompletionItem(name, help=say(text)) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading any."""
        say = phrases(language_of_context(ctx))
        with formatter.section(say("Commands")):
            formatter.write_dl([(name, say(text)) for name, text in COMMANDS.items()])


def language_of_context(ctx: click.Context) -> Language:
    """The language that the command line asked for, also while its options are still being read."""
    context = ctx.find_object(Context)
    return context.language if context else _asked_language()


def _asked_language() -> Language:
    """The language before click has read the command line."""
    return language_from(_option_in_arguments("--lang"), _option_in_arguments("--workspace", "-w"))


def _option_in_arguments(*names: str) -> str | None:
    """The value of an option, by any of its names, before click has read it."""
    arguments = sys.argv[1:]
    for index, argument in enumerate(arguments):
        if argument in names and index + 1 < len(arguments):
            return arguments[index + 1]
        name, equals, value = argument.partition("=")
        if equals and name in names:
            return value
    return None


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from tracelib import __version__

        click.echo(f"tracelib {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--workspace", "-w", metavar="DIR", help="Workspace folder; default: the nearest one upwards.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of messages.")
@click.option("--database", metavar="URL", help="Database URL instead of the workspace's.")
@click.option("--as", "operator", metavar="NAME", help="Who is working; written beside every change.")
@click.option("--passphrase-fd", type=int, metavar="N", help="Read the passphrase from file descriptor N.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_context
def main(
    ctx: click.Context,
    *,
    workspace: str | None,
    lang: str | None,
    database: str | None,
    operator: str | None,
    passphrase_fd: int | None,
) -> None:
    """Traceability and brand catalogue for regional farm products: one product, one code (一品一码).

    Start with: tracelib tour, or: tracelib demo, or: tracelib init DIR
    """
    options = {"workspace": workspace, "lang": lang, "database": database, "operator": operator}
    ctx.obj = Context(options=options, language=language_from(lang, workspace), passphrase_fd=passphrase_fd)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _speak_click(_asked_language())
    _log_to_standard_error()
    if completion.VARIABLE in os.environ:
        _complete()
    _keep_temporary_files()
    try:
        result: Any = main.main(args=arguments, prog_name="tracelib", standalone_mode=False)
        status = result if isinstance(result, int) else errors.OK
    except SystemExit:  # click's answer to a reader that went away (… | head): no complaint
        status = errors.OK
    except Exception as error:  # noqa: BLE001 - the one place where every failure ends as words and a status
        status = _status_of_failure(error, "--json" in arguments)
    except KeyboardInterrupt:
        status = _status_of_failure(click.Abort(), as_json=False)
    sys.exit(status)


class _HarmlessFormatter(logging.Formatter):
    """Lines of the log, in which nothing from outside steers a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return harmless(super().format(record), f"{BLANKS}\n")


def _log_to_standard_error() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_HarmlessFormatter("%(levelname)s %(name)s: %(message)s"))
    named = os.environ.get("TRACELIB_LOG", "")
    known = named.upper() in LOG_LEVELS
    logging.basicConfig(level=named.upper() if known else "WARNING", handlers=[handler])
    if named and not known:
        logging.getLogger(__name__).warning("TRACELIB_LOG is %r: one of %s is known", named[:20], ", ".join(LOG_LEVELS))


def _complete() -> None:
    """Answer a shell that asks how a line goes on; whatever is wrong, it hears nothing and nobody sees an error."""
    completion.register()
    try:
        main.main(args=[], prog_name="tracelib", complete_var=completion.VARIABLE)
    except Exception:  # noqa: BLE001 - see above
        sys.exit(errors.OK)


def _speak_click(language: Language) -> None:
    """Let click find its own words ("Usage:", "No such option") in our folder: it asks gettext's global domain."""
    folder = Path(sys.modules["tracelib"].__file__ or "").parent / "locale"
    gettext.bindtextdomain("messages", str(folder))
    os.environ["LANGUAGE"] = "zh_Hans" if language == "zh" else "en"


def _status_of_failure(error: Exception, as_json: bool) -> int:
    language = _asked_language()
    if isinstance(error, OSError):
        error = errors.from_os(error) or error
    match error:
        case click.NoSuchOption() if error.ctx is not None and _is_before_commands(error.option_name):
            text = "{name} stands before the command: tracelib {name} … {command} …"
            command = error.ctx.command_path.partition(" ")[2]
            words = phrases(language)(text).format(name=error.option_name, command=command)
            click.UsageError(words, ctx=error.ctx).show()
            status = errors.USAGE
        case click.UsageError():
            error.show()
            status = errors.USAGE
        case click.Abort():
            click.echo(phrases(language)("Interrupted."), err=True)
            status = errors.INTERRUPTED
        case BrokenPipeError():  # the reader went away (… | head): no more output, no complaint
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = errors.OK
        case TraceError():
            status = errors.report(error, language, as_json)
        case _:
            status = errors.report_unexpected(error, language, _folder_for_reports())
    return status


def _is_before_commands(option: str) -> bool:
    """Whether an option is one of the program as a whole."""
    return any(option in parameter.opts for parameter in main.params)


def _folder_for_reports() -> Path:
    """The workspace, where there is one, else the folder we are in: nothing is left anywhere else."""
    return _workspace_folder() or Path.cwd()


def _workspace_folder() -> Path | None:
    """The folder of the workspace that the command line, the environment or the current folder names."""
    named = _option_in_arguments("--workspace") or _option_in_arguments("-w") or os.environ.get("TRACELIB_WORKSPACE")
    folder = Path(named) if named else find_workspace(Path.cwd())
    return folder if folder is not None and folder.is_dir() else None


def _keep_temporary_files() -> None:
    """Libraries that write through a temporary file (spreadsheets, SQLite's sorting) do so in the workspace as well."""
    folder = _workspace_folder()
    if folder is not None and os.access(folder, os.W_OK):
        tempfile.tempdir = str(folder.absolute())
        os.environ.setdefault("SQLITE_TMPDIR", tempfile.tempdir)
