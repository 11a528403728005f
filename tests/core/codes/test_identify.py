"""Stickers and bare serials: identified at best, whatever is known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tracelib.codes import reasons
from tracelib.codes.registry import Identified, UnitState
from tracelib.codes.sticker import sticker_url
from tracelib.codes.verify import Inspection, Verdict, inspect_code
from tracelib.trust.keyring import KeyRing
from tracelib.trust.revocation import Reason
from tracelib.trust.serial_key import sticker_key

World = Any  # the class in conftest.py
Registry = Any  # FakeRegistry in conftest.py
Keys = dict[bytes, bytes] | None
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = 2518


def look(text: str, ring: KeyRing, registry: Registry = None, keys: Keys = None) -> Inspection:
    return inspect_code(text, ring, registry=registry, now=NOW, serial_keys=keys or {})


def oks(found: Inspection) -> str:
    return "".join({True: "+", False: "-", None: "0"}[step.ok] for step in found.steps)


def sticker(world: World, k: bytes | None = None) -> str:
    return sticker_url(sticker_key(k or world.k), world.cipher.serial_of(5), "q.example.com")


def test_a_sticker_with_its_key(world: World) -> None:
    found = look(sticker(world), world.ring(), keys=world.keys)
    assert (found.verdict, oks(found)) == (Verdict.IDENTIFIED, "++0+000000")
    assert found.verified is None
    assert found.as_json()["serial"] == world.cipher.serial_of(5)
    assert found.as_json()["gtin"] is None
    assert found.as_json()["issuer"] == {
        "name": "示例合作社",
        "uscc": "91360700MA35XXXX0X",
        "key": world.issuer.public.hash.hex(),
    }


def test_a_sticker_without_its_key(world: World) -> None:
    found = look(sticker(world), world.ring())
    assert (found.verdict, oks(found)) == (Verdict.IDENTIFIED, "++00000000")
    assert found.steps[3].detail == reasons.NO_SERIAL_KEY


def test_an_invented_mac(world: World) -> None:
    found = look(sticker(world, b"x" * 32), world.ring(), keys=world.keys)
    assert (found.verdict, oks(found)) == (Verdict.BAD_SIGNATURE, "++0-000000")
    assert look(sticker(world, b"x" * 32), world.ring()).verdict is Verdict.IDENTIFIED  # K is not held: cannot tell


def test_a_sticker_with_a_wrong_check_character_is_not_ours(world: World) -> None:
    text = sticker(world)
    at = len("https://q.example.com/") + 14
    changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    assert look(changed, world.ring(), keys=world.keys).verdict is Verdict.NOT_OURS


def test_a_sticker_of_an_unknown_prefix_is_identified_by_nobody_s_key(world: World) -> None:
    text = "https://q.example.com/" + "7KQXV58MQ1EQ9TAZCMQUMRZCD4LY"
    found = look(text, world.ring(world.claims(prefix="9999")), keys=world.keys)
    assert (found.verdict, oks(found)) == (Verdict.IDENTIFIED, "+000000000")
    assert found.as_json()["issuer"] is None


@pytest.mark.parametrize("typed", ["{}", " {}\n", "https://q.example.com/{}"])
def test_a_bare_serial_only_identifies(world: World, typed: str) -> None:
    found = look(typed.format(world.cipher.serial_of(5)), world.ring(), keys=world.keys)
    assert found.verdict is Verdict.IDENTIFIED
    assert found.serial == world.cipher.serial_of(5)
    assert found.steps[3] == ("signature", None, reasons.IDENTIFIED_ONLY)


def test_a_typed_serial_may_be_grouped(world: World) -> None:
    serial = world.cipher.serial_of(5)
    typed = f"{serial[:5].lower()}-{serial[5:10]} {serial[10:]}"
    assert look(typed, world.ring()).serial == serial


def test_a_number_that_happens_to_look_like_a_serial_is_not_ours(world: World) -> None:
    from tracelib.codes.serial import check_character

    body = "06901234567890"
    for text in (body + check_character(body), f"https://link.example/{body}{check_character(body)}"):
        assert look(text, world.ring()).verdict is Verdict.NOT_OURS


def test_the_registry_names_the_batch(world: World, registry: Registry) -> None:
    serial = world.cipher.serial_of(5)
    registry.batches[serial] = Identified("COOP", serial, "06901234567892", "26A0137", 1, NOW)
    found = look(sticker(world), world.ring(), registry, world.keys)
    assert (found.verdict, oks(found)) == (Verdict.IDENTIFIED, "++0+0+0000")
    assert found.identified is not None
    assert found.identified.lot == "26A0137"


def test_a_void_or_recalled_sticker_is_told(world: World, registry: Registry) -> None:
    serial = world.cipher.serial_of(5)
    registry.batches[serial] = Identified("COOP", serial, "06901234567892", "26A0137", 1, NOW)
    recall = world.revoke(TODAY, Reason.RECALL, product="06901234567892", lot="26A0137")
    ring = world.ring(revocations=[recall])
    assert look(sticker(world), ring, registry).verdict is Verdict.RECALLED
    assert look(sticker(world), ring).verdict is Verdict.IDENTIFIED  # the batch is not known offline
    registry.states["COOP", serial] = UnitState("voided", None, NOW)
    assert look(sticker(world), world.ring(), registry).verdict is Verdict.VOIDED
