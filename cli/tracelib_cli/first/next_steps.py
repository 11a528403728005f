"""What to do after ``tracelib init``, in words and commands that can be copied."""

from collections.abc import Iterator
from pathlib import Path

from tracelib_cli.context import Context
from tracelib_cli.first.plan import COUNTY, TRIAL, Plan
from tracelib_cli.output import quoted

TOUR = "tour.json"
"""What a tour leaves in its folder; there nobody needs to be told of it."""


def next_steps(context: Context, folder: Path, plan: Plan) -> Iterator[str]:
    """Lines that say what comes next in this workspace."""
    say = context.say
    if plan.kind == TRIAL:
        yield say("Ready: codes can be issued. Go on like this:")
        yield from _enter(folder)
        yield "  tracelib batch template --out batches.xlsx"
        yield "  " + say("(fill in batches.xlsx: a line for each batch, product {product})", product=plan.product)
        yield "  tracelib batch register batches.xlsx"
        yield f"  tracelib code issue {plan.product}/LOT --count 48 --level carton --grade 1 --out codes.csv"
        yield f"  tracelib label print {plan.product}/LOT --template a4-24 --out labels.pdf"
        if not (folder / TOUR).exists():
            yield say("Or be shown around first: tracelib tour")
    elif plan.kind == COUNTY:
        yield from _county(context, folder, plan)
    else:
        steps = "tracelib party add, tracelib key new, tracelib delegate grant"
        if _is_here(folder):
            yield say("Next: {steps}", steps=steps)
        else:
            yield say("Next: cd {folder}, then {steps}", folder=quoted(folder), steps=steps)


def _county(context: Context, folder: Path, plan: Plan) -> Iterator[str]:
    """Who sends what to whom until the county's brand office has delegated to the key that is made here."""
    say = context.say
    party = plan.party or "ID"
    key = f"coop-{party.lower().replace('.', '-')}"
    yield say("You work under your county's root. Until codes can be issued, this goes to and fro:")
    yield from _enter(folder)
    yield say("1. Get the file trust.bundle from your county's office (memory stick or e-mail) and take it over:")
    yield "  tracelib bundle import trust.bundle"
    yield say("2. Make your key, and the request for it. OFFICE is the id of your brand's office:")
    if not plan.party:
        yield f"  tracelib party add {party} --name-zh NAME"
    yield f"  tracelib key new {key}"
    yield f"  tracelib delegate request {key} --parent OFFICE --party {party} --out {key}.request"
    yield say("3. Send the file {file} to that office. It holds no secret.", file=f"{key}.request")
    yield say("4. Telephone: read the full hash of your key to them, so that they know the file is yours:")
    yield f"  tracelib key show {key}"
    yield say("5. They send back a grant file, and tell you a one-time passphrase by telephone:")
    yield f"  tracelib delegate accept {key}.grant"
    yield say("6. Then add your products and batches. At any time: tracelib doctor")


def _is_here(folder: Path) -> bool:
    return folder.resolve() == Path.cwd()


def _enter(folder: Path) -> Iterator[str]:
    """How to go into the folder, for whoever does not stand in it."""
    if not _is_here(folder):
        yield f"  cd {quoted(folder)}"
