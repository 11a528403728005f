"""The play: cartons past the line, with some bad ones among them; pallets, events, platform, a look-up."""

import base64
import io
import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tracelib_cli.demo import camera
from tracelib_cli.demo.belt import Belt, running_belt
from tracelib_cli.demo.program import Program
from tracelib_cli.demo.stage import Issued

DPI = 200
PICTURED = 48
"""Labels of each co-operative that go past the camera: two sheets; the others pass the serial reader."""

REPEAT_S = 0.6
"""Longer than the line's own ``repeat_s``: a copy, not the same carton seen twice."""

SIMULATOR = ("--refuse-every", "500", "--timeout-after-accept-every", "12", "--hang-s", "3")


@dataclass
class Played:
    """What happened at the lines."""

    read: int = 0
    by_camera: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    pallets: int = 0
    packed: int = 0
    milliseconds: dict[str, float] = field(default_factory=dict)
    """Reading to answer, as the line measured it: ``p50`` and ``p99``."""

    surprises: list[str] = field(default_factory=list)

    def expect(self, what: str, answer: dict[str, Any], outcome: str, reason: str = "") -> None:
        """Count an answer; one that differs from the script is a surprise, which the report names."""
        self.read += 1
        if answer["accepted"]:
            self.accepted += answer["outcome"] == "activated"
        elif answer["reason"]:
            self.refused[answer["reason"]] += 1
        if answer["outcome"] != outcome or (reason and answer["reason"] != reason):
            self.surprises.append(f"{what}: {answer['outcome']} {answer['reason'] or ''}".strip())


def play_line(program: Program, mine: Issued, voided: str, foreign: str) -> Played:
    """All cartons of a co-operative past its line: a part by camera, the rest by reader, the bad ones among them."""
    played = Played()
    coop = mine.coop
    with running_belt(program, coop.party, coop.per_pallet) as belt:
        pallets = iter(mine.pallets)
        waiting = 0
        for answer in _cartons(belt, mine, voided, played):
            waiting += answer["outcome"] == "activated"
            if waiting == coop.per_pallet:
                waiting = 0
                played.expect("pallet", belt.read(next(pallets)), "packed")
        if waiting:
            played.expect("last pallet", belt.read(next(pallets)), "packed")
        _bad_ones(belt, mine, foreign, played)
        summary = belt.stop()
    played.pallets, played.packed = summary["pallets"], summary["packed"]
    played.milliseconds = {"p50": summary["p50_ms"], "p99": summary["p99_ms"]}
    return played


def _cartons(belt: Belt, mine: Issued, voided: str, played: Played) -> Iterator[dict[str, Any]]:
    pictures = _label_pictures(mine, PICTURED)
    for index, code in enumerate(mine.codes):
        if index < PICTURED:
            answer = belt.see(_jpeg(camera.photograph(next(pictures), seed=index)))
            played.by_camera += 1
        else:
            answer = belt.read(code)
        wanted = ("refused", "voided") if code == voided else ("activated", "")
        played.expect(f"carton {index + 1}", answer, *wanted)
        yield answer


def _bad_ones(belt: Belt, mine: Issued, foreign: str, played: Played) -> None:
    """Forged, copied, foreign, somebody else's link, and a torn label."""
    good = mine.codes[100]
    played.expect("forged", belt.read(forged(good)), "refused", "bad_signature")
    time.sleep(REPEAT_S)
    played.expect("copied", belt.read(good), "refused", "activation.already_active")
    played.expect("foreign", belt.read(foreign), "refused", "key_unknown")
    played.expect("other link", belt.read("https://www.example.org/promo?id=1"), "refused", "not_ours")
    label = next(_label_pictures(mine, 1))
    played.expect("torn", belt.see(_jpeg(camera.photograph(camera.torn(label), seed=1))), "nothing", "unreadable")


def forged(code: str) -> str:
    """The code with one bit of its signature flipped: a box printer's best effort."""
    blob = next(part for part in code.split("/") if len(part) == 120)
    raw = bytearray(base64.b32decode(blob))
    raw[-1] ^= 1
    return code.replace(blob, base64.b32encode(raw).decode())


def foreign_code() -> str:
    """A well-made code under a root that nobody here trusts."""
    from tracelib.codes.record import CodeRecord
    from tracelib.codes.serial import SerialCipher
    from tracelib.codes.signing import sign_code
    from tracelib.trust.keys import KeyPair

    serial = SerialCipher(bytes(32), "9999").serial_of(7)
    record = CodeRecord(None, "NAVEL-5KG", None, "26A0137", serial, 2510, 500, 1, 2)
    return sign_code(KeyPair.generate(), record, "q.example.com", "")


def _label_pictures(mine: Issued, count: int) -> Iterator[Image.Image]:
    """The first labels of a co-operative, cut out of its printed sheets."""
    from tracelib.labels.template_files import find_template

    paper, left = find_template("a4-24"), count
    width, height = paper.label
    for sheet, (_, codes, _) in zip(mine.sheets, mine.coop.lots, strict=True):
        pages = -(-min(left, codes) // paper.per_page)
        for number, page in enumerate(camera.pages_as_pictures(sheet, DPI, pages)):
            for slot in range(min(paper.per_page, left, codes - number * paper.per_page)):
                x, y = paper.corner(slot)
                left -= 1
                yield camera.crop_mm(page, (x, y, x + width, y + height), DPI)
        if not left:
            return


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def push(program: Program, out: Path) -> dict[str, Any]:
    """Push every event to a simulated platform that refuses some and falls silent after accepting others."""
    from tracelib.sync.simulator.process import simulated_platform
    from tracelib_cli import errors

    with simulated_platform(out / "platform.db", *SIMULATOR) as platform:
        command = program.command_line("sync", "push")
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, "TRACELIB_SYNC_URL": platform.url, "TRACELIB_SYNC_TIMEOUT": "1"},
            check=False,
        )
        if done.returncode not in (errors.OK, errors.SYNC):
            raise RuntimeError(done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return {"push": answer, "platform": platform.stats()}


@contextmanager
def served(program: Program) -> Iterator[str]:
    """The verification page on a free port; its address."""
    process = subprocess.Popen(program.command_line("serve", "--port", "0"), stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield json.loads(line)["url"]
    finally:
        process.terminate()
        process.communicate()


def look_up(url: str, codes: list[str]) -> list[tuple[str, str]]:
    """(verdict, headline of the page) for each code, asked over HTTP as a phone does."""
    from tracelib.sync.http import HttpClient

    answers = []
    with HttpClient(url) as http:
        for code in codes:
            path = code.split("/", 3)[3]
            value = json.loads(http.request("GET", path, headers={"Accept": "application/json"}).body)
            page = http.request("GET", f"{path}?lang=zh").body.decode()
            answers.append((value["verdict"], page.partition("<h1>")[2].partition("</h1>")[0]))
    return answers
