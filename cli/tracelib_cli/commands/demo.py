"""``tracelib demo``: the main job on sample data, played in one go."""

import json
import shutil
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.errors import MissingExtraError, RuleError
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.demo.program import given_passphrase

if TYPE_CHECKING:
    from tracelib_cli.demo.play import Played
    from tracelib_cli.demo.stage import Issued

PASSPHRASE = "demo county"  # noqa: S105 - the sample's own, printed at the end
MARK = "report.json"
WORKSPACE = "workspace"
NEEDS = {"pypdfium2": "demo", "zxingcpp": "scanner", "serial": "scanner", "fastapi": "web"}
STATUS_OF_SURPRISE = 1


class NotADemoError(RuleError):
    """The folder holds something else."""

    code = "demo.folder"
    template = "{folder} is not empty and was not left by an earlier demo: name another with --dir DIR."


@click.command(cls=TranslatedCommand)
@click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True,
              help="Folder for what the demo leaves; an earlier demo there is replaced.")  # fmt: skip
@answers
@pass_context
def command(context: Context, folder: Path) -> int:
    """Play the main job on sample data: batches, codes, labels, a packing line, events, a platform, a look-up.

    Leaves codes.csv, labels.pdf, trust.bundle, root.txt, report.json and the workspace in the folder.

    Example: tracelib demo --dir demo
    """
    _require_extras()
    _clear(folder)
    started = time.monotonic()
    with given_passphrase(PASSPHRASE):
        report = _play(context, folder, quiet=context.out.json)
    report["seconds"] = round(time.monotonic() - started, 1)
    (folder / MARK).write_text(json.dumps(report, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    if context.out.json:
        context.out.value(report)
    else:
        _tell(context, folder, report)
    return STATUS_OF_SURPRISE if report["surprises"] else 0


def _require_extras() -> None:
    from importlib.util import find_spec

    for module, extra in NEEDS.items():
        if find_spec(module) is None:
            raise MissingExtraError(what="tracelib demo", extra=extra)


def _clear(folder: Path) -> None:
    """Remove an earlier demo; anything else in the folder is left alone and refused."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).is_file() and not (folder / WORKSPACE).is_dir():
            raise NotADemoError(folder=folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _play(context: Context, folder: Path, quiet: bool) -> dict[str, Any]:
    """The seven acts; ``seconds_of`` in the report says how long each took."""
    from tracelib_cli.demo import play, recall, stage
    from tracelib_cli.demo.program import Program

    def show(text: str) -> None:
        """One command of the act, indented."""
        if not quiet:
            context.out.line(f"  {text}")

    acts: list[float] = []

    def head(text: str) -> None:
        """Begin an act: its time and its headline."""
        acts.append(time.monotonic())
        if not quiet:
            context.out.line(f"\n{text}")

    say = context.say
    program = Program((folder / WORKSPACE).absolute(), show)
    head(say("1. A workspace with a test root, two brands, two co-operatives"))
    root = stage.set_up(program)
    (folder / "root.txt").write_text(root + "\n", encoding="ascii")
    head(say("2. Delegations: root, brand, co-operative"))
    stage.delegate(program)
    head(say("3. Batches from Excel, codes, labels, pallet codes, trust bundle"))
    issued = stage.issue(program, folder.absolute())
    voided = [mine.codes[mine.coop.lots[0][1] + 5] for mine in issued]
    for code in voided:
        program.run("code", "void", code.rsplit("/", 1)[1], "--reason", "damaged")
    head(say("4. The packing lines: serial reader and camera, good cartons and bad ones"))
    foreign = play.foreign_code()
    played = []
    for mine, bad in zip(issued, voided, strict=True):
        played.append(play.play_line(program, mine, bad, foreign))
        seen = played[-1].by_camera
        show(
            say(
                "{count} labels read by the camera, {rest} by the serial reader",
                count=seen,
                rest=played[-1].read - seen,
            )
        )
    head(say("5. Events to a platform that refuses some and falls silent after accepting others"))
    pushed = play.push(program, folder)
    head(say("6. A look-up by telephone"))
    asked = [issued[0].codes[0], issued[0].codes[0], voided[0], play.forged(issued[1].codes[3]), foreign]
    with play.served(program) as url:
        looked = play.look_up(url, asked)
    head(say("7. A recall drill: a pallet went to a shop; who has what of its batch"))
    drilled = recall.drill(program, issued[0], folder)
    printed = sum(len(mine.codes) for mine in issued)
    stage.join(folder, issued)
    acts.append(time.monotonic())
    seconds_of = [round(later - earlier, 1) for earlier, later in pairwise(acts)]
    told = _report(root, issued, printed, played, pushed, looked)
    return {**told, "recall_drill": drilled, "seconds_of": seconds_of}


def _report(
    root: str,
    issued: "list[Issued]",
    printed: int,
    played: "list[Played]",
    pushed: dict[str, Any],
    looked: list[tuple[str, str]],
) -> dict[str, Any]:
    refused: Counter[str] = Counter()
    for one in played:
        refused.update(one.refused)
    return {
        "root": root,
        "issued": sum(len(mine.codes) for mine in issued),
        "pallet_codes": sum(len(mine.pallets) for mine in issued),
        "printed": printed,
        "read": sum(one.read for one in played),
        "read_by_camera": sum(one.by_camera for one in played),
        "activated": sum(one.accepted for one in played),
        "refused": dict(refused),
        "pallets": sum(one.pallets for one in played),
        "packed": sum(one.packed for one in played),
        "pushed": sum(queue["accepted"] for queue in pushed["push"]["pushes"]),
        "push_refused": [refusal for queue in pushed["push"]["pushes"] for refusal in queue["refused"]],
        "milliseconds": [one.milliseconds for one in played],
        "platform": pushed["platform"],
        "look_ups": [{"verdict": verdict, "page": headline} for verdict, headline in looked],
        "surprises": [text for one in played for text in one.surprises],
    }


def _tell(context: Context, folder: Path, report: dict[str, Any]) -> None:
    from tracelib_cli.line_report import reason_in_words

    say = context.say
    rows: list[tuple[object, object, object]] = [
        (say("codes issued"), report["issued"], say("and {count} for pallets", count=report["pallet_codes"])),
        (say("labels printed"), report["printed"], "labels.pdf"),
        (say("read at the lines"), report["read"], say("{count} by camera", count=report["read_by_camera"])),
        (say("accepted and activated"), report["activated"], ""),
        (say("refused"), sum(report["refused"].values()), ""),
    ]
    rows += [("", count, reason_in_words(reason, context)) for reason, count in sorted(report["refused"].items())]
    rows += [
        (say("packed"), report["packed"], say("on {count} pallets", count=report["pallets"])),
        (say("events accepted by the platform"), report["pushed"], ""),
        (say("events refused by the platform"), len(report["push_refused"]), say("as the script wants it")),
    ]
    context.out.line("")
    context.out.table([say("What happened"), say("Count"), ""], rows)
    lines = [f"{look['verdict']}: {look['page']}" for look in report["look_ups"]]
    context.out.table([say("Look-up")], [(line,) for line in lines])
    counts = report["recall_drill"]["counts"]
    text = "Recall drill {number}: {units} units in use, {sent} sent away, whereabouts of {located} known."
    numbers = {name: counts[name] for name in ("units", "sent", "located")}
    context.out.line(say(text, number=report["recall_drill"]["recall"], **numbers))
    for surprise in report["surprises"]:
        context.out.line(say("NOT AS EXPECTED: {what}", what=surprise))
    context.out.line(say("{seconds} seconds. Now open:", seconds=report["seconds"]))
    for name in ("labels.pdf", "codes.csv", "route.svg", "report.json"):
        context.out.line(f"  {folder / name}")
    workspace = folder / WORKSPACE
    context.out.line(say("and try (passphrase: {passphrase}):", passphrase=PASSPHRASE))
    for line in (
        f"tracelib -w {workspace} batch list",
        f"tracelib code verify --bundle {folder / 'trust.bundle'} --root {report['root']} - < {folder / 'codes.csv'}",
        f"tracelib -w {workspace} serve",
    ):
        context.out.line(f"  {line}")
