"""What a verifier says: every verdict of the format, each with its steps. A test is named for the attack or fault."""

import copy
import json
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracelib.codes import reasons
from tracelib.codes.blob import Blob
from tracelib.codes.errors import CodeRefusedError
from tracelib.codes.record import CodeRecord
from tracelib.codes.registry import Checks, Registration, UnitState
from tracelib.codes.url import as_url
from tracelib.codes.verdict import Inspection
from tracelib.codes.verify import Verdict, VerifiedCode, inspect_code, verify_code
from tracelib.trust.bundle import BrandEntry, Bundle
from tracelib.trust.cose import sig_structure
from tracelib.trust.delegation import Delegation, PartyName, sign_delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.revocation import Reason
from tracelib.trust.root import RootSet

World = Any  # the class in conftest.py
Registry = Any  # FakeRegistry in conftest.py
Keys = dict[bytes, bytes] | None
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = 2518
STEPS = [
    "format",
    "key",
    "delegation",
    "signature",
    "revocation",
    "registration",
    "quota",
    "activation",
    "state",
    "checks",
]
FIELDS = [
    *("code", "verdict", "environment", "trust", "bundle", "steps", "gtin", "product", "sscc", "lot", "serial", "day"),
    *("net_weight_g", "grade", "grade_name", "level", "issuer", "brand", "replaced_by", "replaces"),
]


def look(text: str, ring: KeyRing, registry: Registry = None, now: datetime = NOW, keys: Keys = None) -> Inspection:
    return inspect_code(text, ring, registry=registry, now=now, serial_keys=keys or {})


def signs(inspection: Inspection) -> str:
    """The ten answers as + - 0."""
    assert [step.name.value for step in inspection.steps] == STEPS
    return "".join({True: "+", False: "-", None: "0"}[step.ok] for step in inspection.steps)


def registered(at: datetime, over_quota: bool | None = None) -> Registration:
    return Registration("COOP", "06901234567892", "26A0137", 1, at, over_quota)


# ------------------------------------------------------------------------------------------------ worked values


def ring_of_vectors(vectors: dict[str, Any]) -> KeyRing:
    """Trusts both keys of the vectors for every product and the prefix shown.

    No ring would be built like this, because two keys with one prefix need windows of counters: so it is two in one.
    """
    one = ring_of_key(vectors, KeyPair.from_secret(1, bytes.fromhex(vectors["private_seed"])))
    two = ring_of_key(vectors, KeyPair.from_secret(2, vectors["suite2"]["secret"].to_bytes(32, "big")))
    one._by_id.update(two._by_id)
    return one


def ring_of_key(vectors: dict[str, Any], pair: KeyPair) -> KeyRing:
    root = KeyPair.from_secret(1, b"v" * 32)
    root_set = RootSet("test", (root.public,), 1)
    delegation = Delegation(
        issuer_hash=root.public.hash,
        subject="COOP",
        key=pair.public,
        cti=bytes(16),
        not_before=0,
        not_after=2**37,
        issued_at=0,
        root=root_set.root_id,
        party=PartyName("示例"),
        products=("06901234567892", "99999999999997", "P/LILY-250G"),
        prefix=vectors["serials"]["prefix"],
        k_hash=bytes.fromhex(vectors["serials"]["k_hash"]),
        sscc_prefixes=("0690123",),
    )
    bundle = Bundle(
        root_set=root_set,
        seq=1,
        issued=int(NOW.timestamp()),
        next_update=int(NOW.timestamp()),
        delegations=(sign_delegation(root, delegation),),
    )
    ring = KeyRing.build(bundle, root_set.fingerprint)
    assert ring.faults == []
    return ring


def test_worked_codes(vectors: dict[str, Any]) -> None:
    ring = ring_of_vectors(vectors)
    expected = {
        "item without weight, lot of one character": Verdict.SIGNATURE_VALID,
        "largest values, level reserved: read and shown as unknown": Verdict.KEY_NOT_VALID_THAT_DAY,
    }
    for case in vectors["codes"]:
        found = look(case["url"], ring)
        assert found.verdict == expected.get(case["comment"], Verdict.SIGNATURE_VALID), case["comment"]
        answer = found.as_json()
        parts = case["path"].split("/")
        named = dict(zip(parts[::2], parts[1::2], strict=True))
        assert answer["gtin"] == named.get("01")
        assert answer["product"] == named.get("P")
        assert answer["sscc"] == named.get("00")
        assert answer["lot"] == named.get("10")
        assert answer["serial"] == (named.get("21") or named.get("U"))
        assert answer["net_weight_g"] == (case["weight_10g"] * 10 or None)
        assert answer["grade"] == (case["grade"] or None)
        assert (
            answer["level"] == ["item", "inner", "carton", "pallet"][case["level"]] if case["level"] < 4 else "unknown"
        )


def test_worked_variants_are_accepted(vectors: dict[str, Any]) -> None:
    ring = ring_of_vectors(vectors)
    for case in vectors["accepted"]:
        assert look(case["url"], ring).verdict is Verdict.SIGNATURE_VALID, case["comment"]


def test_worked_refusals(vectors: dict[str, Any]) -> None:
    ring = ring_of_vectors(vectors)
    for case in vectors["refused"]:
        found = look(case["url"], ring)
        assert found.verdict.value == case["verdict"], case["because"]
        assert not found.accepted
        with pytest.raises(CodeRefusedError):
            verify_code(case["url"], ring, registry=None, now=NOW)


# ------------------------------------------------------------------------------------------------ good codes


def test_a_good_code_offline(world: World) -> None:
    found = look(world.code(), world.ring())
    assert found.verdict is Verdict.SIGNATURE_VALID
    assert signs(found) == "+++++00000"
    assert found.verified is not None
    assert found.verified.record == found.record


def test_the_answer_for_programs(world: World) -> None:
    text = world.code()
    answer = look(f"{text}?x=1", world.ring()).as_json()
    assert list(answer) == FIELDS
    steps = answer.pop("steps")
    assert isinstance(steps, list)
    assert [step["name"] for step in steps] == STEPS
    assert all(set(step) == {"name", "ok", "detail"} for step in steps)
    assert json.loads(json.dumps(answer)) == {
        "code": f"{text}?x=1",
        "verdict": "signature_valid",
        "environment": "test",
        "trust": "pinned",
        "bundle": {"seq": 7, "issued": "2026-11-22T16:00:00+00:00", "state": "fresh"},
        "gtin": "06901234567892",
        "product": None,
        "sscc": None,
        "lot": "26A0137",
        "serial": world.cipher.serial_of(5),
        "day": "2026-11-23",
        "net_weight_g": 5000,
        "grade": 1,
        "grade_name": "特级",
        "level": "carton",
        "issuer": {
            "name": "示例合作社",
            "uscc": "91360700MA35XXXX0X",
            "key": world.issuer.public.hash.hex(),
        },
        "brand": {"id": "GANNAN", "name": "赣南脐橙", "name_en": "Gannan navel orange"},
        "replaced_by": None,
        "replaces": None,
    }


def test_the_answer_for_unreadable_text(world: World) -> None:
    answer = look("https://www.example.org/promo?id=1", world.ring()).as_json()
    assert list(answer) == FIELDS
    assert answer["verdict"] == "not_ours"
    empty = FIELDS[6:]
    assert all(answer[name] is None for name in empty)


def test_what_the_bundle_does_not_list_has_no_name(world: World) -> None:
    ring = world.ring()
    assert look(world.code(grade=0), ring).as_json()["grade_name"] is None
    assert look(world.code(grade=9), ring).as_json()["grade_name"] is None
    assert look(world.code(gtin=None, product="LILY"), ring).as_json()["grade_name"] is None


def test_without_a_fingerprint_from_elsewhere_trust_is_unpinned(world: World) -> None:
    answer = look(world.code(), world.ring(pinned=False)).as_json()
    assert (answer["trust"], answer["verdict"]) == ("unpinned", "signature_valid")


@pytest.mark.parametrize(
    ("issued_day", "state"), [(TODAY, "fresh"), (TODAY - 8, "stale"), (TODAY - 31, "old"), (TODAY + 1, "clock_wrong")]
)
def test_age_of_the_bundle_is_told_and_decides_nothing(world: World, issued_day: int, state: str) -> None:
    found = look(world.code(), world.ring(issued_day=issued_day))
    assert found.as_json()["bundle"] == {"seq": 7, "issued": found._keyring.bundle_issued, "state": state}
    assert found.verdict is Verdict.SIGNATURE_VALID


def test_a_clock_that_is_behind_is_not_believed(world: World) -> None:
    """Setting the clock back would let an expired key sign again."""
    ring = world.ring(world.claims(not_after=world.claims().not_before + 86_400), issued_day=TODAY)
    found = look(world.code(day=2000), ring, now=datetime(2025, 6, 23, tzinfo=UTC))
    assert found.bundle_state == "clock_wrong"
    assert found.verdict is Verdict.KEY_RETIRED_CHECK_ONLINE


def test_an_unlisted_host_is_a_warning_and_no_verdict(world: World) -> None:
    ring = world.ring()
    listed, foreign = look(world.code(), ring), look(world.code().replace("q.example.com", "Q.EXAMP1E.com:443"), ring)
    assert not listed.unlisted_host
    assert not look(world.code().replace("https://q.example.com", "http://user@Q.Example.COM:80"), ring).unlisted_host
    assert foreign.unlisted_host
    assert foreign.verdict is Verdict.SIGNATURE_VALID
    assert foreign.steps[0] == ("format", True, reasons.HOST_UNLISTED)
    assert "EXAMP1E" not in json.dumps({**foreign.as_json(), "code": ""})
    world.brands = ()
    assert not look(world.code(), world.ring()).unlisted_host


def test_host_of_another_brand_is_unlisted(world: World) -> None:
    """A brand's own hosts are what its codes may show; an owner may have several brands."""
    own = BrandEntry("GANNAN", "赣南脐橙", "", ("q.example.com",), "COOP")
    second = BrandEntry("LILY", "龙牙百合", "", ("lily.example.com",), "COOP")
    other = BrandEntry("OTHER", "别家", "", ("other.example.com",), "ELSEWHERE")

    def unlisted(host: str, *brands: BrandEntry) -> bool:
        world.brands = brands
        return look(world.code().replace("q.example.com", host), world.ring()).unlisted_host

    assert unlisted("other.example.com", own, second, other)
    assert not unlisted("q.example.com", own, second, other)
    assert not unlisted("lily.example.com", own, second, other)
    assert not unlisted("other.example.com", other), "no brand is known for the key: any listed host"
    assert unlisted("q.example.com", other)
    assert not unlisted("x.example.com", replace(own, hosts=()), other), "this brand lists none"


# ------------------------------------------------------------------------------------------------ key, delegation


def test_a_key_of_another_root_is_unknown(world: World) -> None:
    found = look(world.code(KeyPair.from_secret(1, b"x" * 32)), world.ring())
    assert found.verdict is Verdict.KEY_UNKNOWN
    assert signs(found) == "+-00000000"
    assert found.trusted_key is None


@pytest.mark.parametrize(
    ("claims", "fields", "reason"),
    [
        ({"products": ("06901234567908",)}, {}, reasons.PRODUCT),
        ({"products": ()}, {}, reasons.PRODUCT),
        ({"products": ("06901234567892",)}, {"gtin": None, "product": "LILY"}, reasons.PRODUCT),
        ({"prefix": "7KQY"}, {}, reasons.PREFIX),
        ({"prefix": "7K", "k_hash": None}, {}, reasons.PREFIX),
        ({"prefix": None, "k_hash": None}, {}, reasons.PREFIX),
        ({"max_kg": 1000}, {"weight_10g": 0}, reasons.WEIGHT_MISSING),
        ({"sscc_prefixes": ("0690124", "1")}, {"sscc": "069012340000000016", "level": 3}, reasons.SSCC_PREFIX),
        ({"sscc_prefixes": ()}, {"sscc": "069012340000000016", "level": 3}, reasons.SSCC_PREFIX),
        ({}, {"sscc": "069012340000000016", "level": 2}, reasons.UNIT_LEVEL),
        ({}, {"gtin": None, "lot": None, "level": 2}, reasons.UNIT_LEVEL),
    ],
)
def test_beyond_the_delegation(world: World, claims: dict[str, Any], fields: dict[str, Any], reason: str) -> None:
    if "sscc" in fields:
        fields = {"gtin": None, "lot": None, "serial": None, **fields}
    found = look(world.code(**fields), world.ring(world.claims(**claims)))
    assert found.verdict is Verdict.OUTSIDE_DELEGATION
    assert signs(found) == "++-0000000"
    assert found.steps[2].detail == reason


@pytest.mark.parametrize(
    ("claims", "fields"),
    [
        ({"products": ("P/LILY", "06901234567892")}, {}),
        ({"products": ("P/LILY",)}, {"gtin": None, "product": "LILY"}),
        ({"max_kg": 1000}, {"weight_10g": 1}),
        ({"products": ()}, {"sscc": "069012340000000016", "level": 3, "weight_10g": 0}),
        ({"max_kg": 1}, {"sscc": "069012340000000016", "level": 3, "weight_10g": 0}),
        ({}, {"gtin": None, "lot": None, "level": 3, "weight_10g": 0, "grade": 0}),
    ],
)
def test_within_the_delegation(world: World, claims: dict[str, Any], fields: dict[str, Any]) -> None:
    if "sscc" in fields:
        fields = {"gtin": None, "lot": None, "serial": None, **fields}
    assert look(world.code(**fields), world.ring(world.claims(**claims))).verdict is Verdict.SIGNATURE_VALID


def test_the_suite_in_the_blob_must_be_the_key_s(world: World) -> None:
    text = world.code()
    head = text.index("com/") + 4
    other = text[: head + 1] + chr(ord(text[head + 1]) + 8) + text[head + 2 :]  # bits 6 to 10: suite 1 becomes 3
    assert look(other, world.ring()).verdict is Verdict.UNKNOWN_FORMAT
    first_two = {"CF": "CJ", "CE": "CI", "CG": "CK", "CH": "CL"}
    changed = text[:head] + first_two[text[head : head + 2]] + text[head + 2 :]
    found = look(changed, world.ring())
    assert found.verdict is Verdict.OUTSIDE_DELEGATION
    assert found.steps[2].detail == reasons.SUITE


@pytest.mark.parametrize(
    ("day", "verdict"),
    [
        (1999, Verdict.KEY_NOT_VALID_THAT_DAY),
        (2000, Verdict.SIGNATURE_VALID),
        (TODAY, Verdict.SIGNATURE_VALID),
        (TODAY + 1, Verdict.SIGNATURE_VALID),
        (TODAY + 2, Verdict.KEY_NOT_VALID_THAT_DAY),
        (65535, Verdict.KEY_NOT_VALID_THAT_DAY),
    ],
)
def test_days_of_a_living_key(world: World, day: int, verdict: Verdict) -> None:
    found = look(world.code(day=day), world.ring())
    assert found.verdict is verdict
    assert signs(found) == ("++-0000000" if verdict is Verdict.KEY_NOT_VALID_THAT_DAY else "+++++00000")


@pytest.mark.parametrize(
    ("begin", "end", "good"),
    [(0, 0, True), (86_399, 90_000, True), (86_400, 90_000, False), (-9, 0, True), (-9, -1, False)],
)
def test_the_day_must_touch_the_key_s_time(world: World, begin: int, end: int, good: bool) -> None:
    """The day runs from midnight to midnight in UTC+08:00; both ends of the key's time belong to it."""
    start = 1_577_808_000 + TODAY * 86_400
    found = look(world.code(), world.ring(world.claims(not_before=start + begin, not_after=start + end)))
    assert found.verdict is (Verdict.SIGNATURE_VALID if good else Verdict.KEY_NOT_VALID_THAT_DAY)


def test_tomorrow_is_judged_in_china(world: World) -> None:
    evening = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)  # 23:59 in China, still day 2518
    assert look(world.code(day=2520), world.ring(), now=evening).verdict is Verdict.KEY_NOT_VALID_THAT_DAY
    assert look(world.code(day=2520), world.ring(), now=evening + timedelta(minutes=1)).accepted


def test_counters_of_a_line_key(world: World) -> None:
    ring = world.ring(world.claims(), world.line_claims())
    inside, outside = (world.code(world.line, serial=world.cipher.serial_of(n)) for n in (1999, 2000))
    assert look(inside, ring, keys=world.keys).verdict is Verdict.SIGNATURE_VALID
    assert look(inside, ring, keys=world.keys).counter == 1999
    found = look(outside, ring, keys=world.keys)
    assert found.verdict is Verdict.OUTSIDE_DELEGATION
    assert found.steps[2].detail == reasons.COUNTER_WINDOW
    assert look(outside, ring).verdict is Verdict.SIGNATURE_VALID  # without K nobody can tell


def test_a_colliding_key_id_hides_no_good_code(world: World) -> None:
    """Key ids are 40 bits: the answer is that of the candidate that gets farthest, wherever it stands."""
    other = KeyPair.from_secret(1, b"c" * 32)
    ring = world.ring(world.claims(), world.claims(key=other.public, prefix="7KQY", sscc_prefixes=()))
    own, intruder = ring.keys()[world.issuer.public.hash], ring.keys()[other.public.hash]
    for order in ((own, intruder), (intruder, own)):
        ring._by_id[world.issuer.public.key_id] = order
        found = look(world.code(), ring)
        assert found.verdict is Verdict.SIGNATURE_VALID
        assert found.trusted_key is own
        # the signature fails under one, the prefix under the other: the signature is farther
        forged = look(world.code(lot="X", day=2517)[:-1] + "0", ring)
        assert forged.verdict in (Verdict.MALFORMED, Verdict.BAD_SIGNATURE)
        changed = world.code().replace("26A0137", "26A0138")
        assert look(changed, ring).verdict is Verdict.BAD_SIGNATURE
        assert look(changed, ring).trusted_key is own


# ------------------------------------------------------------------------------------------------ signature


def test_every_change_of_one_character_from_blob_to_serial_is_refused(world: World) -> None:
    ring = world.ring()
    text = world.code()
    start = text.index("com/") + 4
    tried = 0
    for position in range(start, len(text)):
        for character in {"A", "Q", "2", "0", "-", ".", "/", "%", "ａ", "\u212a"} - {text[position]}:
            found = look(text[:position] + character + text[position + 1 :], ring)
            assert not found.accepted, (position, character)
            tried += 1
    assert tried > 1500


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_insertion_or_loss_is_refused(world: World, data: st.DataObject) -> None:
    ring, text = world.ring(), world.code()
    start = text.index("com/") + 4
    position = data.draw(st.integers(start, len(text) - 1))
    character = data.draw(st.characters())
    kind = data.draw(st.sampled_from(["change", "insert", "lose", "swap"]))
    changed = {
        "change": text[:position] + character + text[position + 1 :],
        "insert": text[:position] + character + text[position:],
        "lose": text[:position] + text[position + 1 :],
        "swap": text[: position - 1] + text[position] + text[position - 1] + text[position + 1 :],
    }[kind]
    if changed == text or (changed.isascii() and changed[start:].upper() == text[start:]) or character in "?#":
        return
    assert not look(changed, ring).accepted


def test_another_issuer_s_blob(world: World) -> None:
    """The blob of one code before the path of another."""
    one, two = world.code(), world.code(serial=world.cipher.serial_of(6))
    cut = one.index("/01/")
    found = look(one[:cut] + two[cut:], world.ring())
    assert found.verdict is Verdict.BAD_SIGNATURE
    assert signs(found) == "+++-000000"


def test_a_signature_of_another_kind(world: World) -> None:
    record = CodeRecord(
        gtin="06901234567892", lot="A", serial=world.cipher.serial_of(5), day=TODAY, weight_10g=1, level=2
    )
    public = world.issuer.public
    other = world.issuer.sign(sig_structure(-19, public.key_id, b"tracelib/event/1", record.payload()))
    text = as_url(record, Blob(1, public.key_id, TODAY, 1, 0, 2, other), "q.example.com")
    assert look(text, world.ring()).verdict is Verdict.BAD_SIGNATURE


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape"))))
def test_random_text_gets_a_verdict(world: World, text: str) -> None:
    ring = world.ring()
    for candidate in (text, f"https://h/{text}", world.code()[:40] + text):
        found = look(candidate, ring)
        assert found.verdict in (Verdict.NOT_OURS, Verdict.MALFORMED, Verdict.UNKNOWN_FORMAT, Verdict.IDENTIFIED)
        assert found.steps[0].ok is (found.verdict is Verdict.IDENTIFIED)
        assert found.verified is None


# ------------------------------------------------------------------------------------------------ verified is a type


def test_a_verified_code_comes_from_verification_alone(world: World) -> None:
    verified = verify_code(world.code(), world.ring(), registry=None, now=NOW)
    assert isinstance(verified, VerifiedCode)
    assert verified.verdict is Verdict.SIGNATURE_VALID
    with pytest.raises(TypeError):
        VerifiedCode(object(), verified.record, verified.trusted_key, Verdict.ACTIVE)
    with pytest.raises(TypeError):
        Inspection(None, "", look("", world.ring())._judgement, world.ring(), NOW)
    with pytest.raises(AttributeError):
        verified.record = verified.record
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            duplicate(verified)


# ------------------------------------------------------------------------------------------------ retired keys


AFTER_END = datetime.fromtimestamp(1_577_808_000 + 3000 * 86_400, UTC)
GRACE = timedelta(days=7)


def test_a_key_s_codes_live_seven_days_beyond_its_end(world: World) -> None:
    ring = world.ring(issued_day=3000)
    assert look(world.code(), ring, now=AFTER_END + GRACE).verdict is Verdict.SIGNATURE_VALID
    found = look(world.code(), ring, now=AFTER_END + GRACE + timedelta(seconds=1))
    assert found.verdict is Verdict.KEY_RETIRED_CHECK_ONLINE
    assert signs(found) == "+++++00000"
    assert found.steps[5].detail == reasons.EXPIRED_UNSEEN


def test_a_thief_back_dates_with_an_expired_key(world: World, registry: Registry) -> None:
    """A visible registry that does not hold the code says so."""
    ring, late = world.ring(issued_day=3000), AFTER_END + timedelta(days=30)
    registry.covered = {world.issuer.public.hash}
    found = look(world.code(), ring, registry, late)
    assert found.verdict is Verdict.KEY_NOT_VALID_THAT_DAY
    assert signs(found) == "+++++-0000"
    registry.registered[world.issuer.public.hash, world.cipher.serial_of(5)] = registered(NOW)
    assert look(world.code(), ring, registry, late).verdict is Verdict.REGISTERED


@pytest.mark.parametrize("reason", ["stolen", "quota", "superseded"])
def test_a_revoked_key(world: World, registry: Registry, reason: str) -> None:
    ring = world.ring(revocations=[world.revoke(TODAY, Reason(reason))])
    offline = look(world.code(), ring)
    assert offline.verdict is Verdict.KEY_RETIRED_CHECK_ONLINE
    assert signs(offline) == "++++000000"
    assert look(world.code(), ring, registry).verdict is Verdict.KEY_RETIRED_CHECK_ONLINE  # covers nobody

    registry.covered = {world.issuer.public.hash}
    missing = look(world.code(), ring, registry)
    assert missing.verdict is Verdict.REVOKED
    assert signs(missing) == "++++-00000"

    unit = (world.issuer.public.hash, world.cipher.serial_of(5))
    midnight = datetime.fromtimestamp(1_577_808_000 + TODAY * 86_400, UTC)
    registry.registered[unit] = registered(midnight)
    assert look(world.code(), ring, registry).verdict is Verdict.REVOKED
    registry.registered[unit] = registered(midnight - timedelta(seconds=1))
    before = look(world.code(), ring, registry)
    assert before.verdict is Verdict.REGISTERED
    assert signs(before) == "++++++0-00"


def test_a_recall(world: World, registry: Registry) -> None:
    recall = world.revoke(TODAY, Reason.RECALL, product="06901234567892", lot="26A0137")
    ring = world.ring(revocations=[recall])
    registry.covered = {world.issuer.public.hash}
    registry.registered[world.issuer.public.hash, world.cipher.serial_of(5)] = registered(NOW - timedelta(days=9))
    for known in (None, registry):
        found = look(world.code(), ring, known)
        assert found.verdict is Verdict.RECALLED
        assert signs(found) == "++++-00000"
    assert look(world.code(lot="26A0138"), ring).accepted
    assert look(world.code().replace("26A0137", "26A0137X"), ring).verdict is Verdict.BAD_SIGNATURE


def test_revoking_a_key_revokes_those_below_it(world: World) -> None:
    text = world.code(world.line, serial=world.cipher.serial_of(1500))
    chain = (world.claims(), world.line_claims())
    assert look(text, world.ring(*chain)).accepted
    above = world.ring(*chain, revocations=[world.revoke(TODAY, Reason.STOLEN)])
    assert look(text, above).verdict is Verdict.KEY_RETIRED_CHECK_ONLINE
    lot = world.revoke(TODAY, Reason.RECALL, product="06901234567892", lot="26A0137")
    assert look(text, world.ring(*chain, revocations=[lot])).verdict is Verdict.RECALLED
    below = world.revoke(TODAY, Reason.STOLEN, key_hash=world.line.public.hash)
    assert look(world.code(), world.ring(*chain, revocations=[below])).accepted


def test_revoking_serials(world: World) -> None:
    serial = world.cipher.serial_of(5)
    ring = world.ring(revocations=[world.revoke(TODAY, Reason.STOLEN, first=serial, last=serial)])
    assert look(world.code(), ring).verdict is Verdict.KEY_RETIRED_CHECK_ONLINE
    assert look(world.code(serial=world.cipher.serial_of(6)), ring).accepted


# ------------------------------------------------------------------------------------------------ registry


def test_registered_active_and_checked(world: World, registry: Registry) -> None:
    ring, text, serial = world.ring(), world.code(), world.cipher.serial_of(5)
    registry.covered = {world.issuer.public.hash}
    unknown = look(text, ring, registry)
    assert unknown.verdict is Verdict.SIGNATURE_VALID
    assert signs(unknown) == "+++++-0000"
    assert unknown.steps[5].detail == reasons.NOT_REGISTERED

    registry.registered[world.issuer.public.hash, serial] = registered(NOW, over_quota=False)
    issued = look(text, ring, registry)
    assert (issued.verdict, signs(issued)) == (Verdict.REGISTERED, "+++++++-00")

    registry.states["COOP", serial] = UnitState("active", activated_at=NOW)
    registry.counts["COOP", serial] = Checks(3, NOW)
    active = look(text, ring, registry, keys=world.keys)
    assert (active.verdict, signs(active)) == (Verdict.ACTIVE, "++++++++++")
    assert active.checks == Checks(3, NOW)
    assert active.registration == registered(NOW, over_quota=False)
    assert registry.counters_asked == [None, None, 5]  # the counter is passed on where K is held


def test_a_registry_that_does_not_cover_the_issuer_says_nothing(world: World, registry: Registry) -> None:
    found = look(world.code(), world.ring(), registry)
    assert (found.verdict, signs(found)) == (Verdict.SIGNATURE_VALID, "+++++00000")


@pytest.mark.parametrize("covered", [True, False])
@pytest.mark.parametrize("is_registered", [True, False])
@pytest.mark.parametrize("was_active", [True, False])
def test_a_void_code_is_void_whatever_else_is_known(
    world: World, registry: Registry, covered: bool, is_registered: bool, was_active: bool
) -> None:
    serial = world.cipher.serial_of(5)
    if covered:
        registry.covered = {world.issuer.public.hash}
    if is_registered:
        registry.registered[world.issuer.public.hash, serial] = registered(NOW)
    registry.states["COOP", serial] = UnitState("voided", NOW if was_active else None, NOW, "damaged")
    found = look(world.code(), world.ring(), registry)
    assert found.verdict is Verdict.VOIDED
    assert signs(found) == f"+++++{'+' if is_registered else '0'}0{'+' if was_active else '0'}-0"


def test_counters_beyond_the_quota_prove_themselves(world: World, registry: Registry) -> None:
    ring = world.ring(world.claims(max_units=1000))
    last, beyond = (world.code(serial=world.cipher.serial_of(n)) for n in (999, 1000))
    within = look(last, ring, keys=world.keys)
    assert (within.verdict, signs(within)) == (Verdict.SIGNATURE_VALID, "+++++0+000")
    assert look(beyond, ring).verdict is Verdict.SIGNATURE_VALID  # without K
    found = look(beyond, ring, keys=world.keys)
    assert (found.verdict, signs(found)) == (Verdict.OVER_QUOTA, "+++++0-000")
    registry.covered = {world.issuer.public.hash}
    assert look(beyond, ring, registry, keys=world.keys).verdict is Verdict.OVER_QUOTA


def test_a_line_key_counts_within_its_window_and_its_issuer_s_quota(world: World) -> None:
    ring = world.ring(world.claims(max_units=2000), world.line_claims())
    text = world.code(world.line, serial=world.cipher.serial_of(1999))
    assert look(text, ring, keys=world.keys).verdict is Verdict.SIGNATURE_VALID


def test_running_totals_beyond_the_quota(world: World, registry: Registry) -> None:
    registry.registered[world.issuer.public.hash, world.cipher.serial_of(5)] = registered(NOW, over_quota=True)
    found = look(world.code(), world.ring(), registry)
    assert (found.verdict, signs(found)) == (Verdict.OVER_QUOTA, "++++++-000")


def test_only_three_verdicts_are_accepted() -> None:
    assert {verdict.value for verdict in Verdict if verdict.accepted} == {"signature_valid", "registered", "active"}
    assert [verdict.value for verdict in Verdict] == [
        "signature_valid",
        "registered",
        "active",
        "recalled",
        "voided",
        "over_quota",
        "revoked",
        "outside_delegation",
        "bad_signature",
        "key_unknown",
        "key_not_valid_that_day",
        "key_retired_check_online",
        "malformed",
        "unknown_format",
        "not_ours",
        "identified",
    ]
