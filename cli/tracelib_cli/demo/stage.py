"""Sets the stage: a workspace with root, catalogue, delegations, batches, codes, pallet codes, labels and bundle."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracelib_cli.demo.program import Program
from tracelib_cli.demo.sample import COOPS, Coop

ROOT_KEY = "root"
HOST = "q.example.com"
SAMPLE = "batches.xlsx"
FOR_OTHERS = 50


@dataclass
class Issued:
    """What one co-operative has in hand: its codes in the order of issue, its pallet codes, its label sheet."""

    coop: Coop
    codes: list[str] = field(default_factory=list)
    pallets: list[str] = field(default_factory=list)
    sheets: list[Path] = field(default_factory=list)


def sample_batches() -> Path:
    """The sample spreadsheet: packed with the program, or in ``examples/`` of a checkout."""
    packed = Path(__file__).parent / SAMPLE
    return packed if packed.is_file() else Path(__file__).parents[3] / "examples" / SAMPLE


def set_up(program: Program) -> str:
    """Make the workspace and its catalogue; the root's fingerprint."""
    root = program.run("init", program.folder, "--host", HOST)["root"]
    for coop in COOPS:
        catalogue(program, coop, HOST)
    return str(root)


def catalogue(program: Program, coop: Coop, host: str) -> None:
    """Record a co-operative, its brand with the office that owns it, its product, grades and authorisation."""
    program.run("party", "add", coop.owner, *_names(coop.owner_zh, coop.owner_en))
    program.run(
        "party", "add", coop.party, *_names(coop.name_zh, coop.name_en),
        *_given("--uscc", coop.uscc), *_given("--division", coop.division),
    )  # fmt: skip
    program.run("brand", "add", coop.brand, "--owner", coop.owner, *_names(coop.brand_zh, coop.brand_en),
                "--host", host)  # fmt: skip
    program.run(
        "product", "add", coop.product, "--party", coop.party, *_names(coop.product_zh, coop.product_en),
        "--weight-g", str(coop.weight_g), "--brand", coop.brand, "--pack-size", str(coop.per_pallet),
    )  # fmt: skip
    for zh, en in coop.grades:
        program.run("grade", "add", f"{coop.party}/{coop.product}", *_names(zh, en))
    program.run(
        "authorization", "add", f"AUTH-{coop.party}", "--brand", coop.brand, "--party", coop.party,
        "--product", coop.product,
    )  # fmt: skip


def delegate(program: Program, coops: Sequence[Coop] = COOPS, max_units: int = 2000, max_kg: int = 20_000) -> None:
    """Root to brand to co-operative, every key in this workspace; what is there already is left as it is.

    The brand's key may pass on ``FOR_OTHERS`` times what the co-operative's first key gets: room for more machines.
    """
    hashes = {key["name"]: key["hash"] for key in program.run("key", "list", quiet=True)}
    held = {one["key"] for one in program.run("delegate", "list", quiet=True)}
    for coop in coops:
        brand_key, coop_key = (f"{kind}-{coop.party.lower().replace('.', '-')}" for kind in ("brand", "coop"))
        for name in (brand_key, coop_key):
            if name not in hashes:
                program.run("key", "new", name)
        if hashes.get(brand_key) not in held:
            program.run(
                "delegate", "grant", "--by", ROOT_KEY, "--key", brand_key, "--party", coop.owner,
                "--max-units", str(FOR_OTHERS * max_units),
            )  # fmt: skip
        if hashes.get(coop_key) not in held:
            program.run(
                "delegate", "grant", "--by", brand_key, "--key", coop_key, "--party", coop.party,
                "--product", f"P/{coop.product}", "--max-units", str(max_units), "--max-kg", str(max_kg),
            )  # fmt: skip


def _names(zh: str, en: str) -> list[str]:
    return ["--name-zh", zh, *_given("--name-en", en)]


def _given(option: str, value: str) -> list[str]:
    return [option, value] if value else []


def issue(program: Program, out: Path) -> list[Issued]:
    """Register the batches, issue every code and pallet code, print every label, and write the bundle."""
    program.run("batch", "register", sample_batches())
    issued = []
    for coop in COOPS:
        mine = Issued(coop)
        for lot, count, grade in coop.lots:
            codes = out / f"codes-{coop.party}-{lot}.csv"
            reference = f"{coop.party}/{coop.product}/{lot}"
            program.run(
                "code", "issue", reference, "--count", str(count), "--level", "carton", "--grade", str(grade),
                "--out", codes,
            )  # fmt: skip
            mine.codes += _column(codes)
            sheet = out / f"labels-{coop.party}-{lot}.pdf"
            program.run("label", "print", reference, "--template", "a4-24", "--out", sheet)
            mine.sheets.append(sheet)
        pallets = out / f"pallets-{coop.party}.csv"
        count = -(-coop.codes // coop.per_pallet) + 1
        program.run("unit", "issue", "--count", str(count), "--party", coop.party, "--out", pallets)
        mine.pallets = _column(pallets)
        issued.append(mine)
    program.run("bundle", "export", "--out", out / "trust.bundle")
    return issued


def join(out: Path, issued: list[Issued]) -> None:
    """``codes.csv`` with every carton code, ``labels.pdf`` with every sheet; the parts are removed."""
    import pypdfium2

    with (out / "codes.csv").open("w", encoding="ascii", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["code"])
        writer.writerows([code] for mine in issued for code in mine.codes)
    joined = pypdfium2.PdfDocument.new()
    for sheet in (sheet for mine in issued for sheet in mine.sheets):
        with pypdfium2.PdfDocument(sheet) as part:
            joined.import_pages(part)
    joined.save(out / "labels.pdf")
    for mine in issued:
        for path in (*mine.sheets, *out.glob(f"codes-{mine.coop.party}-*.csv"), *out.glob("pallets-*.csv")):
            path.unlink(missing_ok=True)


def _column(path: Path) -> list[str]:
    with path.open(encoding="ascii", newline="") as stream:
        return [row["code"] for row in csv.DictReader(stream)]


def look(program: Program, code: str) -> Any:  # noqa: ANN401 - JSON has every type
    """What the program says about a code without a network and without the database."""
    return program.run("code", "verify", code)
