"""The ids by which a copied workspace is noticed."""

import platform
import uuid
from pathlib import Path

import pytest

from tracelib.trust import workspace_id as module
from tracelib.trust.workspace_id import create_workspace_id, machine_id, workspace_id


@pytest.fixture
def no_machine_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    file = tmp_path / "machine-id"
    monkeypatch.setattr(module, "_MACHINE_FILES", (file,))
    return file


def test_an_id_is_made_once(tmp_path: Path) -> None:
    first = create_workspace_id(tmp_path)
    assert len(bytes.fromhex(first)) == 16
    assert create_workspace_id(tmp_path) == first == workspace_id(tmp_path)
    (tmp_path / "other").mkdir()
    assert create_workspace_id(tmp_path / "other") != first


def test_the_machine_is_known_by_its_id_and_tells_nothing_about_it(no_machine_file: Path) -> None:
    no_machine_file.write_text("0123456789abcdef0123456789abcdef\n")
    first = machine_id()
    assert first == machine_id()
    assert len(first) == 32
    assert "0123456789abcdef" not in first
    no_machine_file.write_text("fedcba9876543210fedcba9876543210\n")
    assert machine_id() != first


def test_without_an_id_it_is_known_by_its_network_card(no_machine_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uuid, "getnode", lambda: 0x0000_5E00_5301)
    first = machine_id()
    monkeypatch.setattr(uuid, "getnode", lambda: 0x0000_5E00_5302)
    assert machine_id() != first


def test_an_address_that_python_made_up_is_another_on_every_start(
    no_machine_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 4122, 4.5: a random node id has the multicast bit set."""
    monkeypatch.setattr(platform, "node", lambda: "packing-1")
    monkeypatch.setattr(uuid, "getnode", lambda: 0x0123_4567_89AB)
    first = machine_id()
    monkeypatch.setattr(uuid, "getnode", lambda: 0x0323_4567_89AB)
    assert machine_id() == first
    monkeypatch.setattr(platform, "node", lambda: "packing-2")
    assert machine_id() != first


def test_empty_machine_file(no_machine_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_machine_file.write_text("\n")
    monkeypatch.setattr(uuid, "getnode", lambda: 0x0000_5E00_5301)
    assert len(machine_id()) == 32
