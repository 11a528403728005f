"""The backup file: other programs read it, and nothing that is damaged or made to do harm gets through.

Hostile files are made with the standard library's ``tarfile`` and ``gzip``, which know nothing of ours.
"""

import gzip
import hashlib
import io
import json
import random
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tracelib.errors import TraceError
from tracelib.operations.backup.unpack import WrongKindError, unpack
from tracelib.store.archive import Manifest, is_safe_name
from tracelib.store.archive_read import open_archive
from tracelib.store.archive_write import write_archive
from tracelib.store.backup_errors import (
    ArchiveExistsError,
    ArchiveFormatError,
    ArchiveNewerError,
    ArchiveWriteError,
    FileNameError,
    NoRoomError,
)

PLAIN = Manifest(kind="backup", created="2026-11-25", program="t", workspace="W", schema="0002", keys=False)


def nobody(_size: int) -> None:
    """Nobody watches."""


def read(path: Path) -> dict[str, bytes]:
    """All members of an archive, by our reader."""
    kept: dict[str, io.BytesIO] = {}

    class Kept(io.BytesIO):
        def close(self) -> None:
            """Keep what was written."""

        def fileno(self) -> int:
            return fake.fileno()

    def place(name: str) -> IO[bytes]:
        kept[name] = Kept()
        return kept[name]

    with path.with_suffix(".fake").open("wb") as fake, open_archive(path) as reader:
        reader.copy_to(place, nobody)
    return {name: stream.getvalue() for name, stream in kept.items()}


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, dict[str, bytes]]:
    """An archive of three members: empty, small with a long name, some pieces of noise."""
    contents = {
        "tracelib.toml": b"",
        f"templates/{'长' * 60}.toml": b"name = 'x'\n",
        "tracelib.db": random.Random(5).randbytes((3 << 20) + 17),
    }
    sources = []
    for number, (name, data) in enumerate(contents.items()):
        file = tmp_path / f"source-{number}"
        file.write_bytes(data)
        sources.append((name, file))
    write_archive(tmp_path / "a.backup", PLAIN, sources, replace=False, advance=nobody)
    return tmp_path / "a.backup", contents


def test_what_is_written_is_read(made: tuple[Path, dict[str, bytes]]) -> None:
    path, contents = made
    assert read(path) == contents
    assert path.stat().st_mode & 0o077 == 0
    assert not list(path.parent.glob(".*"))
    with open_archive(path) as reader:
        assert reader.manifest.size == sum(map(len, contents.values()))


def test_any_tar_program_reads_it(made: tuple[Path, dict[str, bytes]]) -> None:
    path, contents = made
    with tarfile.open(path, "r:gz") as archive:
        names = archive.getnames()
        data = [archive.extractfile(name) for name in names]
        assert [stream.read() for stream in data[1:] if stream] == list(contents.values())
    assert names == ["manifest.json", "tracelib.toml", "long-name-00002", "tracelib.db"]


def test_file_that_is_there_stays(made: tuple[Path, dict[str, bytes]]) -> None:
    path, _ = made
    before = path.read_bytes()
    with pytest.raises(ArchiveExistsError):
        write_archive(path, PLAIN, [], replace=False, advance=nobody)
    assert path.read_bytes() == before
    write_archive(path, PLAIN, [], replace=True, advance=nobody)
    assert read(path) == {}


def test_every_truncation_and_change_is_found(made: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    data = made[0].read_bytes()
    chance = random.Random(3)
    damaged = [data[: len(data) * part // 20] for part in range(20)] + [data[:-1], data + b"x", data + data]
    for _ in range(60):
        changed = bytearray(data)
        changed[chance.randrange(10, len(data))] ^= 1 << chance.randrange(8)
        damaged.append(bytes(changed))
    survived = 0
    for number, body in enumerate(damaged):
        file = tmp_path / f"d{number}"
        file.write_bytes(body)
        try:
            contents = read(file)
        except ArchiveFormatError:
            continue
        survived += 1  # a bit of a gzip header that says nothing, such as its time
        assert contents == made[1], "what is accepted is the same to the last byte"
    assert survived < 5


@pytest.mark.skipif(sys.platform == "win32", reason="devices")
def test_device_is_never_replaced(tmp_path: Path) -> None:
    for path in (Path("/dev/null"), tmp_path):
        with pytest.raises(ArchiveWriteError, match="no plain file"):
            write_archive(path, PLAIN, [], replace=True, advance=nobody)
    assert Path("/dev/null").is_char_device()


# Made to do harm ----------------------------------------------------------------------------------------------------


def manifest(*members: tuple[str, bytes], **changed: Any) -> bytes:  # noqa: ANN401
    values = {
        "format": "tracelib-backup",
        "version": 1,
        "kind": "backup",
        "created": "2026-11-25",
        "program": "",
        "workspace": "W",
        "schema": "",
        "keys": False,
        "handed_over": {},
        "members": [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in members
        ],
    }
    return json.dumps(values | changed).encode()


def tar(*entries: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size = len(entry[1])
            archive.addfile(info, io.BytesIO(entry[1]))
        length = archive.offset
    return gzip.compress(out.getvalue()[:length] + bytes(1024))  # without the padding to 10 KB that tar adds


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def hostile() -> Iterator[tuple[str, bytes]]:
    small = ("tracelib.toml", b"x")
    for name in (
        "../evil", "/etc/evil", "a/../../evil", "C:\\evil", "a\\b", "templates/../x", "templates//x", "./x",
        "templates/.hidden", "templates/x ", "a\0b", "", f"templates/{'x' * 500}", "pictures/a:b",
    ):  # fmt: skip
        yield f"name {name[:20]!r}", tar(("manifest.json", manifest((name, b"x"))), ("x", b"x"))
    for name in ("keys/counters.json", "keys/counters.lock", "workspace.id", "keys/../workspace.id", "keys/A.key",
                 "line.toml/x", "tracelib.db-wal", "keys/sub/a.key"):  # fmt: skip
        yield f"place {name}", tar(("manifest.json", manifest((name, b"x"))), ("x", b"x"))
    for name in ("templates", "pictures"):
        yield f"file {name}", tar(("manifest.json", manifest((name, b"x"))), (name, b"x"))
    yield (
        "file and folder",
        tar(
            ("manifest.json", manifest(("templates/a", b"x"), ("templates/A/b", b"x"))),
            ("templates/a", b"x"),
            ("x", b"x"),
        ),
    )
    yield "long part", tar(("manifest.json", manifest((f"templates/{'长' * 90}", b"x"))), ("x", b"x"))
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE):
        yield f"entry {kind!r}", tar(("manifest.json", manifest(small)), link("tracelib.toml", "/etc/passwd", kind))
    yield "first entry a link", tar(link("manifest.json", "/etc/passwd", tarfile.SYMTYPE))
    yield "no manifest", tar(small)
    yield "empty", gzip.compress(b"")
    yield "no gzip", b"PK\3\4" + bytes(100)
    yield "larger than told", tar(("manifest.json", manifest(small)), ("tracelib.toml", b"xy"))
    yield "other bytes", tar(("manifest.json", manifest(small)), ("tracelib.toml", b"y"))
    yield "one member more", tar(("manifest.json", manifest(small)), small, small)
    yield "one member less", tar(("manifest.json", manifest(small, ("line.toml", b""))), small)
    yield "twice", tar(("manifest.json", manifest(small, ("TRACELIB.toml", b""))), small, ("x", b""))
    yield "negative", tar(("manifest.json", manifest(members=[{"name": "line.toml", "size": -1, "sha256": ""}])), small)
    yield "other format", tar(("manifest.json", manifest(small, format="zip")), small)
    yield "members a number", tar(("manifest.json", manifest(members=5)))
    yield "deep", tar(("manifest.json", b"[" * 200_000))
    yield "no JSON", tar(("manifest.json", b"\xff\xfe"))
    yield "huge manifest", tar(("manifest.json", manifest() + b" " * (5 << 20)))
    steering = ("\x1b[2J", "\x9b2J", "\u202e", "\r", "\n", "\u2028", "\ud800", "x" * 201)
    wrong: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(("kind", "created", "program", "workspace", "schema"), (12, None, True, ["x"], {}, *steering)),
        "keys": ("yes", 1, None, [], "false"),
        "handed_over": ("x", None, [["a", 1]], 5),
        "version": ("1", 0, -1, True, None, 1.0, {}),
    }
    for name, values in wrong.items():
        for value in values:
            yield f"{name} {value!r:.20}", tar(("manifest.json", manifest(small, **{name: value})), small)
    good = {"name": "tracelib.toml", "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    changes: tuple[dict[str, Any], ...] = (
        {"size": "1"}, {"size": 1.0}, {"size": True}, {"sha256": None}, {"sha256": str(good["sha256"]).upper()},
        {"name": 5}, {"name": None}, {"name": "pictures/\u202egnp.exe"},
    )  # fmt: skip
    for change in changes:
        yield f"member {change}", tar(("manifest.json", manifest(members=[good | change])), small)
    yield "member no object", tar(("manifest.json", manifest(members=["tracelib.toml"])), small)
    yield "no object", tar(("manifest.json", b"[]"))
    yield "keys that are denied", tar(("manifest.json", manifest(("keys/a.key", b"x"))), ("keys/a.key", b"x"))
    many = [{"name": f"templates/{n}", "size": 0, "sha256": "0" * 64} for n in range(10_001)]
    yield "too many", tar(("manifest.json", manifest(members=many)))
    yield "no database", tar(("manifest.json", manifest(small)), small)
    pax = io.BytesIO()
    with tarfile.open(fileobj=pax, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "x" * 2000}) as archive:
        archive.addfile(tarfile.TarInfo("manifest.json"))
    yield "extension header", gzip.compress(pax.getvalue())


HOSTILE = list(hostile())


@pytest.mark.parametrize(("name", "data"), HOSTILE, ids=[name for name, _ in HOSTILE])
def test_hostile_file_restores_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    file, folder = tmp_path / "h.backup", tmp_path / "in" / "scratch"
    folder.parent.mkdir()
    file.write_bytes(data)
    with pytest.raises(ArchiveFormatError) as caught:
        unpack(file, folder, kind="backup", advance=nobody)
    assert len(str(caught.value)) < 1000
    assert str(caught.value).isprintable()
    assert ("it has no database" in str(caught.value)) == (name == "no database"), "refused for what it is"
    outside = {path.name for path in tmp_path.rglob("*") if folder not in path.parents}
    assert outside <= {"h.backup", "in", "scratch"}


def test_bomb_is_refused_before_a_byte_is_written(tmp_path: Path) -> None:
    """A terabyte of zeros packs to a gigabyte; what counts is what the manifest admits, against the room there is."""
    told = manifest(members=[{"name": "tracelib.db", "size": 1 << 50, "sha256": "0" * 64}])
    (tmp_path / "b.backup").write_bytes(tar(("manifest.json", told)))
    with pytest.raises(NoRoomError):
        unpack(tmp_path / "b.backup", tmp_path / "scratch", kind="backup", advance=nobody)
    assert not (tmp_path / "scratch").exists()
    liar = tar(("manifest.json", manifest(("tracelib.db", b"x"))), ("tracelib.db", bytes(50 << 20)))
    (tmp_path / "l.backup").write_bytes(liar)
    with pytest.raises(ArchiveFormatError):
        unpack(tmp_path / "l.backup", tmp_path / "scratch", kind="backup", advance=nobody)
    assert sum(path.stat().st_size for path in (tmp_path / "scratch").rglob("*") if path.is_file()) == 0


def test_newer_format_and_wrong_kind_are_told(tmp_path: Path) -> None:
    (tmp_path / "n.backup").write_bytes(tar(("manifest.json", manifest(version=2))))
    with pytest.raises(ArchiveNewerError, match="newer version"):
        unpack(tmp_path / "n.backup", tmp_path / "scratch", kind="backup", advance=nobody)
    (tmp_path / "m.backup").write_bytes(tar(("manifest.json", manifest(kind="move"))))
    with pytest.raises(WrongKindError):
        unpack(tmp_path / "m.backup", tmp_path / "scratch", kind="backup", advance=nobody)


def test_database_with_a_trigger_is_refused(tmp_path: Path) -> None:
    import sqlite3

    from tracelib.store.errors import DamagedError
    from tracelib.store.unit_of_work import Store

    file = tmp_path / "evil.db"
    Store.create_or_upgrade(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON party BEGIN DELETE FROM code_range; END")
    connection.close()
    for body in (file.read_bytes(), b"no database at all" * 100, b""):
        packed = tar(("manifest.json", manifest(("tracelib.db", body))), ("tracelib.db", body))
        (tmp_path / "t.backup").write_bytes(packed)
        with pytest.raises(DamagedError):
            unpack(tmp_path / "t.backup", tmp_path / "scratch", kind="backup", advance=nobody)


def test_schema_that_the_database_has_not_is_refused(tmp_path: Path) -> None:
    from tracelib.store.migrations import HEAD
    from tracelib.store.unit_of_work import Store

    Store.create_or_upgrade(f"sqlite:///{tmp_path / 'a.db'}").close()
    body = (tmp_path / "a.db").read_bytes()
    for told in ("0001", "", "9999", HEAD):
        packed = tar(("manifest.json", manifest(("tracelib.db", body), schema=told)), ("tracelib.db", body))
        (tmp_path / "s.backup").write_bytes(packed)
        if told == HEAD:
            unpack(tmp_path / "s.backup", tmp_path / "scratch", kind="backup", advance=nobody)
            continue
        with pytest.raises(ArchiveFormatError, match="schema"):
            unpack(tmp_path / "s.backup", tmp_path / "scratch", kind="backup", advance=nobody)


def test_name_that_windows_cannot_have_is_told_when_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(FileNameError, match="Rename"):
        write_archive(tmp_path / "a", PLAIN, [("templates/a:b", tmp_path / "x")], replace=False, advance=nobody)


@pytest.mark.parametrize("name", ["tracelib.db", "templates/纸箱 100x150.toml", "pictures/a-b_c.png"])
def test_usual_names_are_safe(name: str) -> None:
    assert is_safe_name(name)


def test_no_error_of_ours_is_a_traceback(tmp_path: Path) -> None:
    """Noise of every length: one error of the tree."""
    chance = random.Random(11)
    for number in range(200):
        body = chance.randbytes(chance.randrange(2000))
        file = tmp_path / f"n{number}"
        file.write_bytes(gzip.compress(body) if number % 2 else body)
        with pytest.raises(TraceError):
            read(file)
