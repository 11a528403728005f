"""Nothing that comes from outside steers the terminal, whichever command shows it, to people or to programs."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracelib.errors import harmless
from tracelib.store.migrations import HEAD
from tracelib_cli.context import Context
from tracelib_cli.output import Output, as_json

RunCli = Callable[..., Any]
STEERING = ["\x1b[2J", "\x9b2J", "\x07", "\r", "\x7f", "\u202e", "\u2066", "\u200e", "\u2028", "\ud800", "\x00"]


@pytest.mark.parametrize("steering", STEERING)
def test_all_that_prints_spells_it_out(steering: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = Context({}, "en").say("Root: {fingerprint}", fingerprint=f"a{steering}b\nc")
    out = Output(json=False)
    out.line(f"a{steering}b")
    out.table(["Name"], [[f"a{steering}b"]], title=f"a{steering}b")
    text = capsys.readouterr().out + said
    assert steering.strip("\r") not in text or steering == "\r"
    assert f"\\x{ord(steering[0]):02x}" in text
    assert "\r" not in text
    assert "\n" not in said, "a value never begins a new line"
    value = as_json({"name": f"a{steering}b"})
    assert value.isprintable()
    assert json.loads(value) == {"name": f"a{steering}b"}


def test_what_people_write_stays() -> None:
    text = "示例合作社\u3000“一品一码” é ñ 5 kg\u00a0½ 🍊"
    assert Context({}, "en").say("Root: {fingerprint}", fingerprint=text) == f"Root: {text}"
    assert harmless("一品一码") == "一品一码"


def packed(members: dict[str, bytes], **changed: object) -> bytes:
    """A backup by the standard library."""
    listed = [{"name": n, "size": len(d), "sha256": hashlib.sha256(d).hexdigest()} for n, d in members.items()]
    manifest = {"format": "tracelib-backup", "version": 1, "kind": "backup", "created": "2026-11-25T08:00:00+00:00",
                "program": "t", "workspace": "W", "schema": HEAD, "keys": False, "handed_over": {},
                "members": listed}  # fmt: skip
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in {"manifest.json": json.dumps(manifest | changed).encode(), **members}.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        length = archive.offset
    return gzip.compress(out.getvalue()[:length] + bytes(1024))


def test_manifest_made_to_steer_the_terminal(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "evil.backup").write_bytes(packed({}, program="\x1b]0;evil\x07\u202e\nErased."))
    for line in ("backup show", "backup verify --json", "restore --into new"):
        done = run_cli(*line.split(), "evil.backup", cwd=tmp_path)
        assert done.status == 3, (line, done.out, done.err)
        assert "backup.format" in done.err
        assert all(c.isprintable() or c == "\n" for c in done.out + done.err)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (b"this is = = no TOML", "settings.file"),
        (b"\xff\xfe", "backup.format"),
        (b"[" * 100_000, "settings.file"),
        (b'no-such-setting = "x"\n', "settings.unknown"),
        (b"operator = [1]\n", "settings.value"),
        (b'"keys" = "/elsewhere/keys"\n', "backup.format"),
        (b'"data\\u0062ase" = "sqlite:////elsewhere/books.db"\n', "backup.format"),
    ],
)
def test_settings_that_the_program_would_refuse_restore_nothing(
    run_cli: RunCli, tmp_path: Path, settings: bytes, code: str
) -> None:
    """A quoted key says a place in a way that only a hand writes: the new workspace would work in another one."""
    from tracelib.store.unit_of_work import Store

    Store.create_or_upgrade(f"sqlite:///{tmp_path / 't.db'}").close()
    members = {"tracelib.db": (tmp_path / "t.db").read_bytes(), "tracelib.toml": settings}
    (tmp_path / "evil.backup").write_bytes(packed(members))
    done = run_cli("restore", "evil.backup", "--into", "new", "--json", cwd=tmp_path)
    assert json.loads(done.err)["error"]["code"] == code
    assert {path.name for path in tmp_path.iterdir()} <= {"t.db", "t.db-wal", "t.db-shm", "evil.backup"}
