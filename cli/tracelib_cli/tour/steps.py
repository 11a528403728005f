"""The steps of the tour. Each may be done again after it was cut off: what is there already is not made twice."""

from collections.abc import Callable
from dataclasses import dataclass

from tracelib.text import phrase
from tracelib_cli.demo.play import forged
from tracelib_cli.demo.sample import COOPS
from tracelib_cli.errors import FORMAT, VERIFICATION
from tracelib_cli.first.plan import FILE_NAME as UNFINISHED
from tracelib_cli.settings import FILE_NAME as SETTINGS
from tracelib_cli.tour.guide import CODES, Guide

COOP = COOPS[0]
LOT = COOP.lots[0][0]
BATCH = f"{COOP.product}/{LOT}"
HEAD = "主体,产品,批号,生产日期,重量（公斤）\n"
FAULTY = f"{HEAD}{COOP.party},{COOP.product},{LOT},2026-11-31,2000\n"
MENDED = f"{HEAD}{COOP.party},{COOP.product},{LOT},2026-11-03,2000\n"
SHEET = "harvest.csv"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a stable name, what it is, why one does it, and the doing."""

    name: str
    title: str
    why: str
    act: Callable[[Guide], None]


def _workspace(guide: Guide) -> None:
    if (guide.folder / SETTINGS).is_file() and not (guide.folder / UNFINISHED).is_file():
        return
    guide.run(
        "init", ".", "--trial", "--party", COOP.party, "--name", COOP.name_zh, "--uscc", COOP.uscc,
        "--product", COOP.product, "--product-name", COOP.product_zh,
    )  # fmt: skip


def _fault(guide: Guide) -> None:
    guide.write(SHEET, FAULTY)
    guide.run("batch", "register", SHEET, expected=FORMAT)


def _mend(guide: Guide) -> None:
    guide.write(SHEET, MENDED)
    guide.run("batch", "register", SHEET)
    guide.run("batch", "list")


def _issue(guide: Guide) -> None:
    if not (guide.folder / CODES).exists():
        guide.run("code", "issue", BATCH, "--count", "24", "--level", "carton", "--grade", "1", "--out", CODES)
    guide.tell(guide.code(0))


def _print(guide: Guide) -> None:
    guide.run("label", "print", BATCH, "--template", "a4-24", "--out", "labels.pdf")
    guide.run("label", "image", guide.code(0), "--out", "label.png")
    guide.tell(
        guide.context.say(
            "Open these two: {files}", files=f"{guide.folder / 'labels.pdf'}  {guide.folder / 'label.png'}"
        )
    )


def _verify(guide: Guide) -> None:
    guide.run("code", "verify", guide.code(0))


def _forge(guide: Guide) -> None:
    guide.run("code", "verify", forged(guide.code(0)), expected=VERIFICATION)


def _void(guide: Guide) -> None:
    code = guide.code(1)
    guide.run("code", "void", code.rsplit("/", 1)[1], "--reason", "damaged")
    guide.run("code", "verify", code, expected=VERIFICATION)
    guide.run("changes", "--limit", "5")


STEPS = (
    Step(
        "workspace",
        phrase("A workspace"),
        phrase(
            "A workspace is a folder with settings, database and keys. --trial makes a test root, a co-operative, a "
            "product and the keys between them; in earnest your county's office grants you your key."
        ),
        _workspace,
    ),
    Step(
        "fault",
        phrase("A spreadsheet with a mistake"),
        phrase(
            "Batches come from a spreadsheet. This one has a day that no calendar has. The whole file is checked, "
            "every mistake is named with its cell, and nothing is written."
        ),
        _fault,
    ),
    Step(
        "mend",
        phrase("The spreadsheet mended"),
        phrase("The day is corrected to 3 November. The same command again, and the batch is in the register."),
        _mend,
    ),
    Step(
        "issue",
        phrase("Codes for the batch"),
        phrase(
            "Each carton gets a code of its own: signed, with a serial number that is given once and never again. "
            "The file has one code on each line; here is the first."
        ),
        _issue,
    ),
    Step(
        "print",
        phrase("Labels"),
        phrase("24 labels on a sheet of A4, and one of them as a picture."),
        _print,
    ),
    Step(
        "verify",
        phrase("A code is checked"),
        phrase("What a customer's phone or the packing line asks: is the signature good, was the code ever issued?"),
        _verify,
    ),
    Step(
        "forge",
        phrase("A forger tries"),
        phrase("One bit of the signature is changed, as a forger would have to guess it. It is refused."),
        _forge,
    ),
    Step(
        "void",
        phrase("A torn label"),
        phrase(
            "The second label was torn. Its code is made void: final, with a reason, and from now on everybody who "
            "scans it is told. The book of changes says who did it."
        ),
        _void,
    ),
)
