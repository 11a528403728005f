"""A recall drill on the sample county: a pallet goes to a shop, and its batch is called back for practice."""

from pathlib import Path
from typing import Any

from tracelib_cli.demo.program import Program
from tracelib_cli.demo.stage import Issued

SHOP = "SHOP1"
FOLDER = "recall-drill"
ROUTE = "route.svg"
"""The picture of where the first batch went."""


def drill(program: Program, mine: Issued, folder: Path) -> dict[str, Any]:
    """Ship the first pallet, draw its batch, open a drill of that, write its letters, close it; the report, as JSON."""
    coop = mine.coop
    names = ("--name-zh", "示例水果店", "--name-en", "Example Fruit Shop")
    program.run("party", "add", SHOP, *names, "--contact", "0797-0000000")
    program.run("event", "ship", mine.pallets[0].rsplit("/", 1)[1], "--to", SHOP, "--party", coop.party)
    batch = f"{coop.party}/{coop.product}/{coop.lots[0][0]}"
    program.run("trace", batch, "--svg", folder / ROUTE)
    opened = program.run("recall", "open", batch, "--reason", "示例：农残超标演练", "--drill")
    number = opened["recall"]
    notices = program.run("recall", "notice", number, "--out", folder / FOLDER)
    closed = program.run("recall", "close", number)
    return {
        "recall": number,
        "counts": closed["counts"],
        "measures": closed["measures"],
        "weights_g": closed["weights_g"],
        "letters": [notice["letter"] for notice in notices["notices"] if notice["letter"]],
    }
