"""Labels are printed in town, delivered, torn, lost, replaced, printed again, and in the end they add up."""

import csv
import hashlib
from pathlib import Path

from desk import Desk, Say
from harvest import MAIN

TORN = 6
"""Labels of the second roll that the applicator tears."""
ROLLS = 10


def order_labels(coop: Desk, folder: Path, codes: int, say: Say) -> str:
    """Codes, a print order in ten rolls, the delivery note; the order's number."""
    say(f"{codes} codes for the main lot, and a print order of {ROLLS} rolls.")
    coop.run("code", "issue", MAIN, "--count", codes, "--level", "carton", "--grade", 1)
    rolls = folder / "rolls"
    made = coop.run(
        "print", "order", MAIN, "--count", codes, "--roll-size", codes // ROLLS, "--house", "示例印刷厂", "--out", rolls
    )
    number = str(made["order"])
    check_sums(rolls)
    coop.refused("print.before", "print", "order", MAIN, "--from", 1, "--to", 10, "--roll-size", 10,
                 "--house", "示例印刷厂", "--out", folder / "twice")  # fmt: skip
    coop.run("print", "note", number, "--out", folder / "delivery-note.pdf")
    return number


def check_sums(folder: Path) -> None:
    """What the print house does with ``SHA256SUMS``: every roll arrived whole."""
    sums = next(folder.rglob("SHA256SUMS"))
    lines = sums.read_text(encoding="utf-8").splitlines()
    assert len(lines) >= ROLLS
    for line in lines:
        digest, name = line.split(maxsplit=1)
        assert hashlib.sha256((sums.parent / name.lstrip("*")).read_bytes()).hexdigest() == digest, name


def use_labels(coop: Desk, folder: Path, number: str, codes: int, say: Say) -> None:
    """Delivery and use: a roll is short, some labels tear, one roll is lost, a page is printed again."""
    size = codes // ROLLS
    say("The rolls arrive; the last one is two labels short.")
    coop.run("print", "receive", number, "--missing", f"{ROLLS}:2")

    say("The first roll runs over the line.")
    activate(coop, folder, next((folder / "rolls").rglob("*01*.csv")))
    coop.run("print", "account", f"{number}/1", "--used", "all")

    say("The second roll tears; its labels are replaced, and nothing is charged twice.")
    first = size + 1
    coop.run("print", "account", f"{number}/2", "--torn", f"{first}-{first + TORN - 1}", "--used", size - TORN)
    replaced = folder / "replacement.csv"
    coop.run("code", "replace", f"{MAIN}:{first}-{first + TORN - 1}", "--yes", "--out", replaced)
    assert len(replaced.read_text().splitlines()) == TORN + 1
    coop.run("label", "print", MAIN, "--codes", replaced, "--out", folder / "replacement.pdf")

    say("The third roll is lost for good: its codes are void, whoever finds it.")
    coop.run("print", "account", f"{number}/3", "--lost", "all", "--yes", "--reason", "从货车上掉落")
    lost = codes_of(next((folder / "rolls").rglob("*03*.csv")))[0]
    assert coop.answer("code", "verify", lost)["verdict"] == "voided"

    say("A page comes out pale and is printed again, with a reason.")
    again = ("label", "print", MAIN, "--from", 1, "--to", 24, "--out", folder / "page.pdf")
    coop.refused("print.before", *again)
    coop.run(*again, "--reprint", "--reason", "墨色太浅")


def reconcile(coop: Desk, number: str, say: Say) -> None:
    """The last rolls are used up or go back, and the order adds up."""
    coop.run("print", "account", f"{number}/4", "--returned", "all")
    for roll in range(5, ROLLS + 1):
        coop.run("print", "account", f"{number}/{roll}", "--used", "all")
    say("Delivered, used, torn, lost and returned are counted against what is active and void.")
    coop.refused("print.difference", "print", "reconcile", number)
    coop.run("print", "reconcile", number, "--reason", "卷尾手工贴用，未上线扫描")
    coop.run("print", "reconcile", number)


def activate(coop: Desk, folder: Path, roll: Path) -> None:
    """The codes of a roll go over a line; here a file stands for the reader."""
    readings = folder / "belt.txt"
    readings.write_text("".join(f"{code}\n" for code in codes_of(roll)), encoding="utf-8")
    (coop.folder / "line.toml").write_text(
        'station = "LINE-1"\nmode = "activate"\nrepeat_s = 0\n\n'
        f'[[device]]\nname = "belt"\ntype = "replay"\nfile = "{readings.as_posix()}"\n',
        encoding="utf-8",
    )
    summary = coop.run("line", "run", "--until-idle", "1")
    assert summary["activated"] == len(codes_of(roll)), summary


def codes_of(path: Path) -> list[str]:
    """The codes of an exported file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [row["code"] for row in csv.DictReader(stream)]
