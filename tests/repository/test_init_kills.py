"""A kill at every step of ``tracelib init --trial``: the same command again ends in a workspace that works.

The short form runs with the other tests; the long one (marker ``slow``) kills sixty times, spread over all steps. The
keys are kept under a cheap passphrase function there: what it costs is not what is tried.
"""

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tracelib.operations.trust.ring import workspace_ring
from tracelib.store.health import examine
from tracelib.store.unit_of_work import Store
from tracelib.trust import envelope
from tracelib.trust.keystore import KeyStore
from tracelib_cli.commands import authorization, brand, bundle, delegate, grade, init, key, party, product
from tracelib_cli.main import main

if TYPE_CHECKING:
    from tests.conftest import StartSteps  # noqa: TID251 - a fixture's type, not imported when run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")

LONG, SHORT = 60, 5
LOADED = (authorization, brand, bundle, delegate, grade, init, key, party, product)
PASSPHRASE = "a test"


def make(folder: str) -> None:
    """The function that is killed: a trial workspace in a folder."""
    envelope.SCRYPT_N = 2**10
    os.environ["TRACELIB_PASSPHRASE"] = PASSPHRASE
    words = ["--as", "示例文员", "init", folder, "--trial", "--party", "GNQC", "--name", "示例合作社", "--json"]
    with contextlib.redirect_stdout(io.StringIO()):
        main.main(args=words, prog_name="tracelib", standalone_mode=False)


def check(folder: Path) -> None:
    """The workspace is whole: keys once each, both delegations count, a bundle carries them, nothing is left over."""
    assert not (folder / "init.json").exists()
    held = {info.name: info for info in KeyStore(folder / "keys").list()}
    assert set(held) == {"root", "brand-gnqc", "coop-gnqc"}
    fingerprint = held["root"].root
    assert f'root = "{fingerprint}"' in (folder / "tracelib.toml").read_text("utf-8")
    with Store.open(f"sqlite:///{folder / 'tracelib.db'}") as store:
        assert [answer for answer in examine(store, folder / "keys") if not answer.ok] == []
        with store.reading() as uow:
            ring = workspace_ring(uow, fingerprint, folder / "trust.bundle")
            changes = uow.changes.list()
    assert not ring.faults
    assert {trusted.delegation.subject for trusted in ring.keys().values()} == {"TRIAL-OFFICE", "GNQC"}
    assert {change.operator for change in changes} == {"示例文员"}
    coop = ring.key(held["coop-gnqc"].public.hash)
    assert coop is not None
    assert coop.delegation.k_hash in held["coop-gnqc"].k_hashes


def rounds(start_steps: "StartSteps", tmp_path: Path, kills: int) -> int:
    """Kill so often, spread over all steps, and run again; how many different steps that were."""
    worker = start_steps(__file__, "make")
    answer = worker.run(str(tmp_path / "whole"))
    assert answer.startswith("done "), answer
    check(tmp_path / "whole")
    steps = int(answer.split()[1])
    for number in range(kills):
        at = 1 + number * (steps - 1) // max(1, kills - 1)
        folder = tmp_path / f"killed-{at}"
        assert worker.run(str(folder), at) == f"killed {at}"
        again = worker.run(str(folder))
        assert again.startswith("done") or (at == steps and "workspace.exists" in again), (at, again)
        check(folder)
    return len(list(tmp_path.glob("killed-*")))


def test_killed_here_and_there(start_steps: "StartSteps", tmp_path: Path) -> None:
    assert rounds(start_steps, tmp_path, SHORT) == SHORT


@pytest.mark.slow
def test_killed_at_sixty_places(start_steps: "StartSteps", tmp_path: Path) -> None:
    assert rounds(start_steps, tmp_path, LONG) == LONG


def test_the_answer_names_what_was_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "SCRYPT_N", 2**10)
    monkeypatch.setenv("TRACELIB_PASSPHRASE", PASSPHRASE)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main.main(args=["init", str(tmp_path / "w"), "--trial", "--json"], prog_name="tracelib", standalone_mode=False)
    answer = json.loads(out.getvalue())
    assert (answer["kind"], answer["party"], answer["product"], answer["test"]) == ("trial", "COOP1", "BOX-5KG", True)
