"""The check of structure against GS1's JSON schema: one verdict on every example and on what was changed in it."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.protocols import Validator

from tracelib.errors import FormatError
from tracelib.trace.documents.conform import check_envelope, check_event, valid
from tracelib.trace.documents.read_file import read_envelope, read_events

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:([!$&'()*+,;=:@/?._~A-Za-z0-9-]|%[0-9A-Fa-f]{2})*(#.*)?")
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
INSTEAD: tuple[Any, ...] = (
    *(None, 5, -0.5, True, "x", "", "a b:c", "urn:x:y", "2026-11-23T09:30:00", [], {}, ["x"], [{}], "OBSERVE"),
    *("urn:epcglobal:cbv:bizstep:packing", "https://gs1.org/voc/Temperature"),
)


@pytest.fixture(scope="module")
def schema(conformance_data: Path) -> Validator:
    """GS1's schema with the two formats that it names (RFC 3986, RFC 3339)."""
    value = json.loads((conformance_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("uri")(lambda text: not isinstance(text, str) or bool(URI.fullmatch(text)))
    formats.checks("date-time")(lambda text: not isinstance(text, str) or bool(TIME.fullmatch(text)))
    return jsonschema.Draft7Validator(value, format_checker=formats)


def ours(file: Path) -> bool:
    try:
        envelope = read_envelope(file)
        document = envelope.document()
        events = [event for _, event in read_events(file)]
    except FormatError:
        return False
    return valid(check_envelope(envelope, events[0] if events else None)) and all(
        isinstance(event, dict) and valid(check_event(event, document.namespaces_for(event))) for event in events
    )


def changed(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every field of a document left out, given another value, doubled or joined by a foreign one, one at a time."""
    for path in list(_paths(document)):
        where = "/".join(map(str, path))
        *above, last = path
        for number, value in enumerate((*INSTEAD, "left out", "doubled", "foreign")):
            made = copy.deepcopy(document)
            holder: Any = made
            for step in above:
                holder = holder[step]
            if value == "left out":
                del holder[last]
            elif value == "doubled" and isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
            elif value == "foreign" and isinstance(holder, dict):
                holder["remark"] = "1"
            elif number < len(INSTEAD):
                holder[last] = value
            yield f"{where} = {value!r}", made


def _paths(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*path, key)
        yield from _paths(inner, (*path, key))


def examples(conformance_data: Path) -> list[Path]:
    return [
        file
        for name in ("examples", "event-hash")
        for file in sorted((conformance_data / "epcis" / name).glob("*.jsonld"))
    ]


def test_every_example_is_valid_for_both(schema: Validator, conformance_data: Path) -> None:
    files = examples(conformance_data)
    assert len(files) == 35
    for file in files:
        assert schema.is_valid(json.loads(file.read_text(encoding="utf-8"))), file.name
        assert ours(file), file.name


PARTS = 24


@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, PARTS))])
def test_the_verdict_on_what_was_changed_is_that_of_the_schema(
    part: int, schema: Validator, conformance_data: Path, tmp_path: Path
) -> None:
    """Each change once for its place and type: the same place in the next example says nothing new."""
    seen: set[str] = set()
    differ, counts = [], {True: 0, False: 0}
    file = tmp_path / "changed.json"
    for name, document in documents(conformance_data):
        for what, made in changed(document):
            kind = re.sub(r"\d+", "n", what) + type_of(made)
            if kind in seen or sum(kind.encode()) % PARTS != part:
                continue
            seen.add(kind)
            file.write_text(json.dumps(made), encoding="utf-8")
            verdict = schema.is_valid(made)
            counts[verdict] += 1
            if ours(file) is not verdict:
                differ.append(f"{name}: {what}: schema {verdict}")
    assert min(counts.values()) > 150
    assert not differ, "\n".join(differ[:40])


def documents(conformance_data: Path) -> Iterator[tuple[str, Any]]:
    """Every example, and one event of each type alone."""
    alone: set[str] = set()
    for file in examples(conformance_data):
        document = json.loads(file.read_text(encoding="utf-8"))
        yield file.name, document
        for event in document["epcisBody"].get("eventList", []):
            if event["type"] not in alone:
                alone.add(event["type"])
                yield f"{event['type']} alone", {"@context": document["@context"], **event}


def type_of(document: dict[str, Any]) -> str:
    """The type of the document's first event."""
    try:
        return str(document["epcisBody"]["eventList"][0]["type"])
    except (KeyError, IndexError, TypeError):
        return f"alone {document.get('type')}"
