"""``tracelib line install``; ``commands/line.py`` puts it into its group."""

import sys
from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.output import quoted

FOLDER = "install"
RULES_NAME = "70-tracelib.rules"


@click.command("install", cls=TranslatedCommand)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The line; default: line.toml.")
@click.option("--user", metavar="NAME", help="The machine's user who runs the line; default: you.")
@answers
@pass_context
def install(context: Context, /, config: Path | None, user: str | None) -> None:
    """Write what starts a line by itself: systemd unit, udev rules for its readers, and line.toml where there is none.

    The files go to the folder install of the workspace; the commands that put them in place are shown, for you to run.
    A line.toml that is there stays as it is.

    Example: tracelib line install --user packing
    """
    from tracelib.trust.keystore import write_synced
    from tracelib_scanner.config import read_config
    from tracelib_scanner.found import find_devices
    from tracelib_scanner.install import Service, rules_text, sample_text, unit_name, unit_text

    workspace = context.settings.workspace.absolute()
    file = (config or context.settings.path("line")).absolute()
    new = not file.exists()
    if new:
        write_synced(file, sample_text(find_devices()).encode(), private=False, new=True)
    line = read_config(file)
    words = (*_program(), "--workspace", str(workspace), "line", "run", "--config", str(file))
    writable = tuple(dict.fromkeys((workspace, line.journal.absolute())))
    service = Service(words, user or _user(), workspace, writable)
    folder = workspace / FOLDER
    unit, rules = folder / unit_name(line.station), folder / RULES_NAME
    write_synced(unit, unit_text(line, service).encode(), private=False)
    write_synced(rules, rules_text(line).encode(), private=False)
    steps = _steps(line.station, unit, rules)
    if context.out.json:
        made = [str(file)] if new else []
        context.out.value({"written": [*made, str(unit), str(rules)], "config": file, "steps": steps})
        return
    say, out = context.say, context.out
    for path in (*((file,) if new else ()), unit, rules):
        out.line(say("{file} is written.", file=path))
    if new:
        out.line(say("Look at {file} first: is it your reader, and what shall the line do?", file=file))
    out.line(say("Then, as the machine's administrator:"))
    for step in steps:
        out.line(f"  {step}")


def _steps(station: str, unit: Path, rules: Path) -> list[str]:
    from tracelib_scanner.install import environment_file

    secret = environment_file(station)
    return [
        f"sudo install -m 644 {quoted(rules)} /etc/udev/rules.d/",
        "sudo udevadm control --reload && sudo udevadm trigger",
        f"sudo install -D -m 600 /dev/null {secret}",
        f"sudoedit {secret}    # TRACELIB_PASSPHRASE=…",
        f"sudo install -m 644 {quoted(unit)} /etc/systemd/system/",
        f"sudo systemctl daemon-reload && sudo systemctl enable --now {unit.name}",
        f"systemctl status {unit.name}; tracelib line status",
    ]


def _program() -> tuple[str, ...]:
    """The words that start this very program, wherever it is installed."""
    script = Path(sys.executable).with_name("tracelib")
    return (str(script),) if script.is_file() else (sys.executable, "-c", "from tracelib_cli.main import run; run()")


def _user() -> str:
    import getpass

    return getpass.getuser()
