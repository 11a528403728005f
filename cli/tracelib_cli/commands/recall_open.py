"""``tracelib recall open``; ``commands/recall.py`` puts it into its group."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.recalling import recall_json, summary_json, tell_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracelib.operations.recalls.open import Opened


@click.command("open", cls=TranslatedCommand)
@click.argument("batch")
@click.option("--reason", required=True, help="Why the goods are called back; it stands on every notice.")
@click.option("--drill", is_flag=True, help="Only try it: the same search, nothing is revoked and no event is written.")
@click.option("--by", metavar="NAME", help="Key that signs the revocation; default: the nearest one here that may.")
@click.option("--unsigned", is_flag=True, help="Revoke nothing, where no key is at hand: codes still verify.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the revocations, for others.")
@answers
@pass_context
def open_(
    context: Context, batch: str, *, reason: str, drill: bool, by: str | None, unsigned: bool, out: Path | None
) -> None:
    """Call BATCH back (LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT), with every batch that was made of it.

    Its codes answer «recalled» at once, on this workspace's lines and pages; the next bundle carries it to all others.
    Nothing takes that back. A drill (--drill) finds the same and changes nothing.

    Example: tracelib recall open COOP1/NAVEL-5KG/26A0137 --reason "residue above the limit"
    """
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.recalls.open import Opening, could_be_signed, open_recall, signings
    from tracelib.operations.trust.ring import workspace_ring
    from tracelib_cli.unlock import Unlocker

    with context.store.reading() as uow:
        found = resolve_batch(uow, batch, context.settings.text("party"))
        opening = Opening(found, reason, drill=drill, signed=not unsigned)
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
        planned = signings(uow, ring, context.keystore.list(), opening, by)
    unlocker = Unlocker(context)
    keys = {name: unlocker.open(name) for name in dict.fromkeys(one.signer for one in planned)}
    opened = open_recall(context.store, context.clock, ring, opening, keys, by)
    files = _write_revocations(out, opened) if out is not None else []
    able = could_be_signed(ring, context.keystore.list(), opened.affected)
    if context.out.json:
        context.out.value({**recall_json(opened.recall, closed=False), **_json(opened, files, able)})
    else:
        _tell(context, opened, files, able)


def _write_revocations(folder: Path, opened: "Opened") -> list[Path]:
    """One file for each revocation: others take it over with bundle import, before the next bundle comes."""
    from tracelib.trust.keystore import write_synced
    from tracelib.trust.revocation import revocation_as_text

    files = []
    for number, signed in enumerate(opened.revocations, 1):
        files.append(folder / f"{opened.recall.number}-{number}.revocation.json")
        write_synced(files[-1], revocation_as_text(signed).encode(), private=False)
    return files


def _json(opened: "Opened", files: "Sequence[Path]", able: bool) -> dict[str, object]:
    return {
        **summary_json(opened.summary),
        "took_ms": round(opened.took_s * 1000),
        "could_revoke": able,
        "revocations": [signed.hash for signed in opened.revocations],
        "files": list(map(str, files)),
    }


def _tell(context: Context, opened: "Opened", files: "Sequence[Path]", able: bool) -> None:
    say, line, recall = context.say, context.out.line, opened.recall
    text = "{number} is open: {batch} is called back. Reason: {reason}"
    if recall.drill:
        text = "DRILL {number}: nothing is called back. What a recall of {batch} would find (reason: {reason}):"
    line(say(text, number=recall.number, batch=recall.reference, reason=recall.reason))
    tell_summary(context, opened.summary)
    if recall.drill:
        text = "The keys here could revoke all its codes." if able else "No key here could revoke all its codes."
        line(say(text))
        line(say("The search took {seconds} s.", seconds=f"{opened.took_s:.1f}"))
    elif opened.revocations:
        line(say("Its codes answer «recalled» here from now on, on lines and pages alike."))
        line(say("Everybody else hears of it with the next bundle: tracelib bundle export"))
        for file in files:
            line(say("Until then they take it over from {file}: tracelib bundle import FILE", file=file))
    elif opened.opening.detail["signed"]:
        line(say("No codes were issued for it, so none had to be revoked."))
    else:
        line(say("Its codes still verify: nobody has revoked them."))
    line(say("Next: tracelib recall notice {number} --out DIR", number=recall.number))
