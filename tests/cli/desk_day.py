"""A day at the desk in one process that is watched: every file that is written, and every command that ran.

``python desk_day.py PLACE``: two workspaces in PLACE/desk and PLACE/coop, named outputs in PLACE/out. On standard
output one JSON object: ``writes`` (paths) and ``changes`` (operator, verb) of both workspaces.
"""

import contextlib
import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

PLACE = Path(sys.argv[1])
DESK, COOP, OUT = PLACE / "desk", PLACE / "coop", PLACE / "out"
WRITES: set[str] = set()
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NAMED = {"os.mkdir": 0, "os.remove": 0, "os.rmdir": 0, "os.truncate": 0, "os.chmod": 0, "sqlite3.connect": 0,
         "os.rename": 1, "os.link": 1, "os.symlink": 1, "shutil.copyfile": 1, "shutil.move": 1}  # fmt: skip


def watch(event: str, arguments: tuple[Any, ...]) -> None:
    """The audit hook: notes the path of whatever writes (https://docs.python.org/3/library/audit_events.html)."""
    path: Any = None
    if event == "open":
        path, mode, flags = arguments
        if not (flags & WRITING if isinstance(flags, int) else set(mode or "") & set("wax+")):
            return
    elif event in ("os.remove", "os.rmdir") and arguments[1] != -1:
        return  # a name within a folder that is being removed, which is watched itself
    elif event in NAMED:
        path = arguments[NAMED[event]]
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    if isinstance(path, str | os.PathLike):
        text = str(path).removeprefix("file:").partition("?")[0]
        WRITES.add(str(Path(text).absolute()))


def tracelib(command: str, *rest: str | Path, folder: Path = DESK) -> tuple[str, str]:
    """Run a command as an operator who is called like the command; its answer and what it said to people."""
    from tracelib_cli.main import run

    where = ["--workspace", str(folder)] if command != "init" else []
    words = ["--as", f"示例 {command}", *where, *command.split(" "), *map(str, rest), "--json"]
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["tracelib", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(words)
        except SystemExit as left:
            status = left.code
    assert status == 0, (command, status, out.getvalue(), err.getvalue())
    return out.getvalue(), err.getvalue()


def catalogue() -> None:
    """Parties, brand, product, grade, certification, authorisation."""
    for party in ("BOARD", "COOP1"):
        tracelib("party add", party, "--name-zh", f"示例{party}")
    tracelib("brand add", "GANNAN", "--owner", "BOARD", "--name-zh", "示例品牌", "--host", "q.example.com")
    weight = ("--weight-g", "5000", "--brand", "GANNAN")
    tracelib("product add", "NAVEL-5KG", "--party", "COOP1", "--name-zh", "示例脐橙", *weight)
    tracelib("product add", "LOOSE", "--party", "COOP1", "--name-zh", "示例散装脐橙")
    tracelib("grade add", "COOP1/NAVEL-5KG", "--name-zh", "一级")
    about = ("--kind", "organic", "--number", "示例-001", "--issuer", "示例中心")
    tracelib("certification add", "ORG1", "--party", "COOP1", *about)
    tracelib("authorization add", "A1", "--brand", "GANNAN", "--party", "COOP1", "--product", "NAVEL-5KG")
    tracelib("catalog export", OUT / "county")
    parties = next((OUT / "county").glob("part*.csv"))
    parties.write_text(parties.read_text("utf-8-sig").replace("示例COOP1", "示例合作社"), "utf-8-sig")
    tracelib("catalog import", OUT / "county", "--reason", "示例更名")
    tracelib("catalog publish", OUT / "site")


def trust() -> None:
    """Keys and delegations at the desk, and a co-operative that joins by files."""
    tracelib("config set", "operator", "示例操作员")
    for name in ("brand", "mine"):
        tracelib("key new", name)
    tracelib("delegate grant", "--by", "root", "--key", "brand", "--party", "BOARD")
    tracelib("delegate grant", "--by", "brand", "--key", "mine", "--party", "COOP1", "--product", "P/NAVEL-5KG")
    tracelib("bundle export", "--out", OUT / "trust.bundle")
    root = json.loads(tracelib("root show")[0])["fingerprint"]
    tracelib("init", COOP, "--root", root)
    tracelib("bundle import", OUT / "trust.bundle", folder=COOP)
    tracelib("party add", "COOP2", "--name-zh", "示例二社", folder=COOP)
    tracelib("key new", "coop2", folder=COOP)
    request = OUT / "coop2.request"
    tracelib("delegate request", "coop2", "--parent", "BOARD", "--party", "COOP2", "--out", request, folder=COOP)
    grant = OUT / "coop2.grant"
    _, told = tracelib("delegate grant", request, "--by", "brand", "--product", "P/LILY", "--out", grant)
    os.environ["TRACELIB_ONE_TIME_PASSPHRASE"] = re.findall(r"(?:[A-Z0-9]{4}-){4}[A-Z0-9]{4}", told)[0]
    tracelib("delegate accept", grant, folder=COOP)
    asked = json.loads(tracelib("key show", "coop2", folder=COOP)[0])["hash"]
    tracelib("delegate again", asked, "--by", "brand", "--out", OUT / "coop2-again.grant")
    part = ("--product", "P/NAVEL-5KG", "--lot", "Z9", "--out", OUT / "r.revocation")
    tracelib("key revoke", "brand", "--by", "brand", "--reason", "superseded", *part)
    tracelib("bundle import", OUT / "r.revocation", folder=COOP)
    tracelib("key new", "spare")
    tracelib("key retire", "spare")
    tracelib("root new", "--production", "--keys", "2", "--threshold", "2", "--host", "q.gannan.cn")


def work() -> None:
    """Batches, codes, labels, voids, an order, a push, a backup, an upgrade."""
    sheet = OUT / "harvest.csv"
    rows = "".join(f"COOP1,{p},{lot},2026-11-03,1000\n" for p, lot in (("NAVEL-5KG", "A1"), ("NAVEL-5KG", "A2"),
                   ("LOOSE", "B1")))  # fmt: skip
    sheet.write_text(f"party,product,lot,production date,weight (kg)\n{rows}", "utf-8")
    tracelib("batch template", "--out", OUT / "template.xlsx")
    tracelib("batch map look", sheet, "--name", "示例对照")
    tracelib("batch map remove", "示例对照")
    tracelib("batch register", sheet)
    tracelib("batch split", "A1", "--to", "A1X=100kg")
    tracelib("batch merge", "A1X", "A2=100kg", "--to", "A3")
    tracelib("batch repack", "LOOSE/B1=500kg", "--product", "NAVEL-5KG", "--to", "B2")
    tracelib("batch close", "B2", "--reason", "示例收季")
    level = ("--level", "carton", "--grade", "1")
    tracelib("code issue", "A2", "--count", "8", *level, "--out", OUT / "codes.csv")
    tracelib("code export", "A2", "--out", OUT / "again.csv")
    tracelib("unit issue", "--party", "COOP1", "--count", "2", "--out", OUT / "pallets.csv")
    code = (OUT / "codes.csv").read_text().split()[1]
    tracelib("code verify", code)
    tracelib("label print", "A2", "--out", OUT / "labels.pdf")
    tracelib("label image", code, "--out", OUT / "label.png")
    tracelib("code void", code.rsplit("/", 1)[1], "--reason", "damaged", "--yes")
    tracelib("print order", "A2", "--from", "5", "--to", "8", "--roll-size", "2", "--house", "示例印刷厂", "--reprint",
             "--reason", "示例补印", "--out", OUT / "rolls")  # fmt: skip
    number = json.loads(tracelib("print list")[0])["orders"][0]["order"]
    tracelib("print note", number, "--out", OUT / "note.pdf")
    tracelib("print receive", number)
    wrong = tracelib("print order", "A2", "--from", "5", "--to", "6", "--roll-size", "2", "--house", "示例印刷厂",
                     "--reprint", "--reason", "示例误单", "--out", OUT / "rolls")[0]  # fmt: skip
    tracelib("print cancel", json.loads(wrong)["order"], "--reason", "示例误单")
    tracelib("print account", number, "--used", "3")
    tracelib("print reconcile", number, "--reason", "示例认账")
    replaced = (OUT / "codes.csv").read_text().split()[2].rsplit("/", 1)[1]
    tracelib("code replace", replaced, "--reason", "damaged", "--yes", "--out", OUT / "replaced.csv")
    tracelib("label test", "--out", OUT / "test.pdf")
    tracelib("event export", "--out", OUT / "events.jsonld")
    tracelib("event export", "--national", OUT / "national.xlsx")
    recall = json.loads(tracelib("recall open", "A2", "--reason", "示例演练", "--drill")[0])["recall"]
    tracelib("recall notice", recall, "--out", OUT / "notices")
    tracelib("recall report", recall, "--out", OUT / "cartons.csv")
    tracelib("recall close", recall)
    tracelib("backup make", OUT / "desk.backup")
    for command in ("doctor", "db check", "changes", "config show", "batch list", "sync status"):
        tracelib(command)


def upgrade() -> None:
    """A database of the version before is brought up to date."""
    from tracelib.store import migrate
    from tracelib.store.engine import make_engine
    from tracelib.store.migrations import KNOWN

    engine = make_engine(f"sqlite:///{PLACE / 'coop' / 'old.db'}")
    migrate.upgrade(engine, sorted(KNOWN)[0])
    engine.dispose()
    os.environ["TRACELIB_DATABASE"] = "sqlite:///old.db"
    tracelib("db upgrade", folder=COOP)
    del os.environ["TRACELIB_DATABASE"]
    tracelib("config set", "database", "sqlite:///old.db", folder=COOP)


def noted(folder: Path) -> list[tuple[str, str]]:
    """(operator, verb) of every change in a workspace's book."""
    changes = json.loads(tracelib("changes", "--limit", "500", folder=folder)[0])["changes"]
    return [(change["operator"], change["verb"]) for change in changes]


def main() -> None:
    """The day."""
    OUT.mkdir()
    os.environ.update({"TRACELIB_PASSPHRASE": "a test", "TRACELIB_LANG": "zh"})
    sys.addaudithook(watch)
    tracelib("init", DESK)
    catalogue()
    trust()
    work()
    changes = noted(DESK) + noted(COOP)
    upgrade()
    json.dump({"writes": sorted(WRITES), "changes": changes + noted(COOP)}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
