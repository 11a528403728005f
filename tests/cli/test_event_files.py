"""``tracelib event hash`` as a person and as a program run it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_hash_of_published_documents_without_a_workspace(run_cli: Run, conformance_data: Path, tmp_path: Path) -> None:
    file = conformance_data / "epcis" / "event-hash" / "ReferenceEventHashAlgorithm.jsonld"
    hashes = file.with_suffix(".hashes").read_text().split()
    plain = run_cli("event", "hash", file, cwd=tmp_path)
    assert (plain.status, plain.out.split()) == (0, hashes)
    texts = file.with_suffix(".prehashes").read_text(encoding="utf-8").splitlines()
    with_text = run_cli("event", "hash", file, "--prehash", cwd=tmp_path)
    assert with_text.out.splitlines() == [line for pair in zip(hashes, texts, strict=True) for line in pair]
    answers = [json.loads(line) for line in run_cli("event", "hash", file, "--json", cwd=tmp_path).out.splitlines()]
    assert [(one["event"], one["hash"]) for one in answers] == list(enumerate(hashes, 1))
    assert not list(tmp_path.iterdir())


def test_hash_of_what_is_no_document(run_cli: Run, tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<a/>")
    failed = run_cli("event", "hash", "x.xml", cwd=tmp_path)
    assert failed.status == 3
    assert "XML" in failed.err
    assert run_cli("event", "hash", "none.json", cwd=tmp_path).status == 6
    assert run_cli("event", "hash", ".", cwd=tmp_path).status == 6
