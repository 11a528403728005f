"""A child may only narrow its parent: every rule, just inside it and just outside; and what children hold together."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.trust.delegation import LAST_COUNTER, Delegation, PartyName
from tracelib.trust.errors import DelegationFormatError, WidenedError
from tracelib.trust.keys import KeyPair
from tracelib.trust.narrowing import Allotted, check_narrows, check_sum

T0, DAY_S = 1793491200, 86400
UPPER, LOWER, SECOND = (KeyPair.from_secret(1, bytes([n]) * 32).public for n in (1, 2, 3))
K, OTHER_K = b"k" * 16, b"o" * 16

PARENT = Delegation(
    issuer_hash=bytes(32),
    subject="ASSOC",
    key=UPPER,
    cti=bytes(16),
    not_before=T0,
    not_after=T0 + 300 * DAY_S,
    issued_at=T0,
    root=b"r" * 16,
    party=PartyName("示例协会"),
    may_delegate=2,
    products=("06901234567892", "P/ORANGE"),
    region="3607",
    season="2026",
    max_units=1000,
    max_kg=5000,
    max_batch_units=100,
    prefix="7K",
    sscc_prefixes=("36901", "0"),
)
CHILD = replace(
    PARENT,
    issuer_hash=UPPER.hash,
    subject="COOP",
    key=LOWER,
    may_delegate=1,
    prefix="7KQX",
    k_hash=K,
    sscc_prefixes=("369012",),
)
"""As wide as its parent allows."""
LINE = replace(CHILD, issuer_hash=LOWER.hash, key=SECOND, may_delegate=0, counter_window=(0, 999))


def test_as_wide_as_allowed() -> None:
    check_narrows(CHILD, PARENT)
    check_narrows(LINE, CHILD)


INSIDE: dict[str, dict[str, object]] = {
    "one product": {"products": ("P/ORANGE",)},
    "a county of the prefecture": {"region": "360733"},
    "a village of it": {"region": "360733100001"},
    "a shorter time": {"not_before": T0 + 1, "not_after": T0 + 2},
    "no codes at all": {"max_units": 0, "max_kg": 0, "max_batch_units": 0},
    "no SSCCs": {"sscc_prefixes": ()},
    "SSCCs of both of the parent's prefixes": {"sscc_prefixes": ("36901", "01", "02")},
    "a leading part for its own children": {"prefix": "7KQ", "k_hash": None},
    "no prefix": {"prefix": None, "k_hash": None},
    "levels skipped": {"may_delegate": 0},
    "an own window under an own prefix": {"counter_window": (0, 999)},
    "another host": {"home": "x.example.com"},
    "another suite": {"key": KeyPair.from_secret(2, b"p" * 32).public},
}


@pytest.mark.parametrize("name", INSIDE)
def test_narrower(name: str) -> None:
    check_narrows(replace(CHILD, **INSIDE[name]), PARENT)  # type: ignore[arg-type]


OUTSIDE: dict[str, tuple[dict[str, object], str]] = {
    "signed by somebody else": ({"issuer_hash": SECOND.hash}, "another key"),
    "of another root": ({"root": b"R" * 16}, "another root"),
    "as many levels as the parent": ({"may_delegate": 2}, "levels"),
    "a second earlier": ({"not_before": T0 - 1}, "time"),
    "a second later": ({"not_after": T0 + 300 * DAY_S + 1}, "time"),
    "one product more": ({"products": ("P/ORANGE", "P/LILY")}, "products"),
    "an own number that looks like the GTIN": ({"products": ("P/06901234567892",)}, "products"),
    "no products, which would mean any below": ({"products": ()}, "products"),
    "the neighbouring prefecture": ({"region": "360900"}, "region"),
    "the whole province": ({"region": "36"}, "region"),
    "no region, which would mean everywhere": ({"region": None}, "region"),
    "another season": ({"season": "2027"}, "season"),
    "a season that begins alike": ({"season": "20261"}, "season"),
    "no season": ({"season": None}, "season"),
    "one code more": ({"max_units": 1001}, "more codes"),
    "no limit of codes": ({"max_units": None}, "more codes"),
    "one kilogram more": ({"max_kg": 5001}, "kilograms"),
    "no limit of kilograms": ({"max_kg": None}, "kilograms"),
    "one code a batch more": ({"max_batch_units": 101}, "codes a batch"),
    "no limit a batch": ({"max_batch_units": None}, "codes a batch"),
    "a shorter SSCC prefix": ({"sscc_prefixes": ("3690",)}, "SSCC"),
    "a foreign SSCC prefix": ({"sscc_prefixes": ("369012", "46901")}, "SSCC"),
    "a foreign serial prefix": ({"prefix": "8KQX"}, "prefix lies outside"),
    "a shorter serial prefix": ({"prefix": "7", "k_hash": None}, "prefix lies outside"),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_wider(name: str) -> None:
    changes, reason = OUTSIDE[name]
    with pytest.raises(WidenedError, match=reason):
        check_narrows(replace(CHILD, **changes), PARENT)  # type: ignore[arg-type]


def test_parent_that_may_not_delegate() -> None:
    with pytest.raises(WidenedError, match="may not delegate"):
        check_narrows(CHILD, replace(PARENT, may_delegate=0))


def test_prefix_from_a_parent_that_has_none() -> None:
    with pytest.raises(WidenedError, match="no serial prefix"):
        check_narrows(CHILD, replace(PARENT, prefix=None))


def test_a_parent_without_limits_gives_any() -> None:
    free = replace(PARENT, products=(), region=None, season=None, max_units=None, max_kg=None, max_batch_units=None)
    check_narrows(CHILD, free)
    check_narrows(replace(CHILD, products=(), max_units=None, max_kg=None), replace(free, max_batch_units=100))


WIDER_LINES: dict[str, tuple[dict[str, object], str]] = {
    "another serial key under the same prefix": ({"k_hash": OTHER_K}, "two serial keys"),
    "no window": ({"counter_window": None}, "needs a window"),
    "a window one beyond the quota": ({"counter_window": (1, 1000)}, "window of counters lies outside"),
    "another full prefix": ({"prefix": "7KQY"}, "prefix lies outside"),
}


@pytest.mark.parametrize("name", WIDER_LINES)
def test_line_key_that_takes_more(name: str) -> None:
    changes, reason = WIDER_LINES[name]
    with pytest.raises(WidenedError, match=reason):
        check_narrows(replace(LINE, **changes), CHILD)  # type: ignore[arg-type]


def test_window_within_the_parents_window() -> None:
    upper = replace(CHILD, counter_window=(100, 199), max_units=100)
    check_narrows(replace(LINE, counter_window=(100, 199), max_units=100), upper)
    for window in ((99, 120), (150, 200)):
        with pytest.raises(WidenedError, match="window of counters"):
            check_narrows(replace(LINE, counter_window=window, max_units=100), upper)


def test_window_without_a_quota_reaches_to_the_last_counter() -> None:
    upper, line = replace(CHILD, max_units=None), replace(LINE, max_units=None)
    check_narrows(replace(line, counter_window=(LAST_COUNTER, LAST_COUNTER)), upper)
    with pytest.raises(DelegationFormatError):
        replace(line, counter_window=(0, LAST_COUNTER + 1))


def test_own_prefix_for_a_line_key_comes_from_an_issuer_with_a_leading_part() -> None:
    issuer = replace(CHILD, prefix="7KQ", k_hash=None)
    check_narrows(replace(LINE, prefix="7KQA", k_hash=OTHER_K, counter_window=None), issuer)


# --- all children together


def child(number: int, **changes: object) -> Delegation:
    base = replace(CHILD, cti=bytes([number]) * 16, prefix=f"7KQ{number}", max_units=250, max_kg=1000, sscc_prefixes=())
    return replace(base, **changes)  # type: ignore[arg-type]


def test_quota_is_divided_to_the_last_code() -> None:
    children = [child(n) for n in range(4)]
    check_sum(children, PARENT)
    with pytest.raises(WidenedError, match="more than its 1000 codes"):
        check_sum([*children, child(5, max_units=1)], PARENT)
    check_sum([*children, child(5, max_units=0)], PARENT)


def test_kilograms_are_divided_too() -> None:
    with pytest.raises(WidenedError, match="more than its 5000 kilograms"):
        check_sum([child(1, max_kg=5000), child(2, max_kg=1)], PARENT)


@pytest.mark.parametrize(
    ("one", "two"), [("7KQX", "7KQX"), ("7K", "7KQX"), ("7KQX", "7K"), ("7KQ", "7K"), ("7", "7KQX")]
)
def test_overlapping_prefixes_of_siblings(one: str, two: str) -> None:
    base = replace(CHILD, max_units=1, max_kg=1, sscc_prefixes=())
    first = replace(base, prefix=one, k_hash=K if len(one) == 4 else None)
    second = replace(base, prefix=two, k_hash=OTHER_K if len(two) == 4 else None)
    with pytest.raises(WidenedError, match="prefix"):
        check_sum([first, second], PARENT)


def test_prefixes_side_by_side() -> None:
    base = replace(CHILD, prefix="7", k_hash=None, max_units=1, max_kg=1, sscc_prefixes=())
    leading = [replace(base, prefix=p) for p in ("7KQ", "7KR", "7J", "8")]
    check_sum([*leading, child(1, prefix="7KS0"), child(2, prefix="7KS1")], PARENT)


@pytest.mark.parametrize(
    ("one", "two"),
    [("369012", "369012"), ("36901", "369012"), ("369012", "36901"), ("0", "01234567890123456"), ("369012", "3690129")],
)
@pytest.mark.parametrize("parent", [PARENT, None], ids=["below a key", "below the root"])
def test_sscc_prefixes_of_siblings_that_overlap(parent: Delegation | None, one: str, two: str) -> None:
    """The same SSCC would be signed by two keys: neither a whole prefix nor a leading part of one is shared."""
    allotted = Allotted(parent)
    allotted.add(child(1, sscc_prefixes=(one,)))
    with pytest.raises(WidenedError, match=r"SSCC prefix [0-9]+ overlaps that of another key"):
        allotted.add(child(2, sscc_prefixes=("4690", two)))
    allotted.add(child(2, sscc_prefixes=("4690",)))


def test_sscc_prefixes_side_by_side() -> None:
    given = [("369010", "369011"), ("369012",), ("0",), ()]
    check_sum([child(n, sscc_prefixes=prefixes) for n, prefixes in enumerate(given)], PARENT)


def test_line_keys_of_one_issuer_share_no_sscc() -> None:
    """Each narrower than the issuer's, under the same serial prefix, in windows of their own."""
    lines = [line(0, 99, sscc_prefixes=("3690121",)), line(100, 199, sscc_prefixes=("3690122",))]
    for one in lines:
        check_narrows(one, CHILD)
    check_sum(lines, CHILD)
    with pytest.raises(WidenedError, match="SSCC"):
        check_sum([*lines, line(200, 299, sscc_prefixes=("369012",))], CHILD)


def line(first: int, last: int, **changes: object) -> Delegation:
    base = replace(LINE, counter_window=(first, last), max_units=last - first + 1, max_kg=1, sscc_prefixes=())
    return replace(base, **changes)  # type: ignore[arg-type]


def test_windows_side_by_side() -> None:
    check_sum([line(0, 99), line(200, 299), line(100, 199)], CHILD)


@pytest.mark.parametrize("window", [(99, 150), (50, 60), (0, 0), (99, 99), (0, 200)])
def test_windows_that_share_a_counter(window: tuple[int, int]) -> None:
    with pytest.raises(WidenedError, match="share counters"):
        check_sum([line(0, 99), line(*window)], CHILD)


def test_two_serial_keys_under_one_prefix_in_different_windows() -> None:
    with pytest.raises(WidenedError, match="two serial keys"):
        check_sum([line(0, 99), line(100, 199, k_hash=OTHER_K)], CHILD)


def test_window_beside_a_key_that_has_all_counters() -> None:
    with pytest.raises(WidenedError, match="share counters"):
        check_sum([replace(line(0, 99), counter_window=None), line(100, 199)], CHILD)


def test_refused_child_takes_nothing() -> None:
    allotted = Allotted(PARENT)
    allotted.add(child(1, max_units=600))
    with pytest.raises(WidenedError):
        allotted.add(child(2, max_units=401))
    with pytest.raises(WidenedError):
        allotted.add(child(3, prefix="7KQ1", max_units=1))
    allotted.add(child(2, max_units=400))


def test_below_the_root_only_prefixes_are_shared_out() -> None:
    check_sum([child(n, max_units=None, max_kg=None) for n in range(9)], None)
    with pytest.raises(WidenedError, match="overlaps"):
        check_sum([child(1), replace(PARENT, prefix="7K")], None)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=8))
@settings(max_examples=150, deadline=None)
def test_no_counter_has_two_holders_whatever_is_asked_for(asked: list[tuple[int, int]]) -> None:
    """Windows in any order: those that are kept share no counter, and the sum holds."""
    allotted, taken = Allotted(replace(CHILD, max_units=30, max_kg=None)), set[int]()
    for first, length in asked:
        try:
            allotted.add(line(first, first + length, max_kg=None))
        except WidenedError:
            continue
        counters = set(range(first, first + length + 1))
        assert not counters & taken
        taken |= counters
    assert len(taken) <= 30


# --- claims that no delegation has

NO_DELEGATION: dict[str, dict[str, object]] = {
    "holder in lower case": {"subject": "coop"},
    "holder is two dots": {"subject": ".."},
    "ends before it begins": {"not_after": T0 - 1},
    "begins before 1970": {"not_before": -1},
    "ends in the year 9999": {"not_after": 253_370_764_800},
    "issued in the year 9999": {"issued_at": 253_370_764_800},
    "four levels below": {"may_delegate": 4},
    "negative levels": {"may_delegate": -1},
    "negative quota": {"max_units": -1},
    "quota beyond what others can count": {"max_kg": 2**53},
    "GTIN of 13 digits": {"products": ("6901234567892",)},
    "GTIN in full-width digits": {"products": ("０６９０１２３４５６７８９２",)},
    "own number in lower case": {"products": ("P/orange",)},
    "own number with a slash": {"products": ("P/A/B",)},
    "more products than any reader takes": {"products": tuple(f"P/{n}" for n in range(2001))},
    "prefix with the letter I": {"prefix": "7KQI"},
    "prefix of five": {"prefix": "7KQXX"},
    "empty prefix": {"prefix": "", "k_hash": None},
    "full prefix without a serial key": {"k_hash": None},
    "serial key for a leading part": {"prefix": "7KQ"},
    "short hash of the serial key": {"k_hash": bytes(15)},
    "empty SSCC prefix, which means all": {"sscc_prefixes": ("",)},
    "SSCC prefix in full-width digits": {"sscc_prefixes": ("３",)},
    "SSCC prefix of 18 digits": {"sscc_prefixes": ("3" * 18,)},
    "SSCC prefix within another": {"sscc_prefixes": ("36901", "4", "369012")},
    "SSCC prefix within another, the longer one first": {"sscc_prefixes": ("369012", "36901")},
    "SSCC prefix named twice": {"sscc_prefixes": ("36901", "36901")},
    "home with a scheme": {"home": "https://q.example.com"},
    "home in capitals": {"home": "Q.EXAMPLE.COM"},
    "window backwards": {"counter_window": (10, 9)},
    "window below 0": {"counter_window": (-1, 9)},
    "window wider than the quota": {"counter_window": (0, 1000)},
    "window without a full prefix": {"prefix": "7KQ", "k_hash": None, "counter_window": (0, 9)},
    "no name": {"party": PartyName("")},
    "name that clears the screen": {"party": PartyName("示例\x1b[2J合作社")},
    "name that turns the writing round": {"party": PartyName("示例\u202e合作社")},
    "name with a hidden character": {"party": PartyName("示例\u200b合作社")},
    "English name over two lines": {"party": PartyName("示例合作社", "Sample\nco-operative")},
    "name of 201 characters": {"party": PartyName("果" * 201)},
    "code of 17 characters": {"party": PartyName("示例合作社", "", "9" * 17)},
    "region of one digit": {"region": "3"},
    "region in letters": {"region": "GANZHOU"},
    "empty season": {"season": ""},
    "season that steers a terminal": {"season": "2026\x07"},
    "parent named by 31 bytes": {"issuer_hash": bytes(31)},
    "cti of 15 bytes": {"cti": bytes(15)},
    "root of 32 bytes": {"root": bytes(32)},
}


@pytest.mark.parametrize("name", NO_DELEGATION)
def test_claims_that_no_delegation_has(name: str) -> None:
    with pytest.raises(DelegationFormatError):
        replace(CHILD, **NO_DELEGATION[name])  # type: ignore[arg-type]


def test_rare_characters_of_names_are_welcome() -> None:
    """Characters beyond the basic plane, of the newest Unicode or of a private area: a name is a name."""
    for name in ("𠮷野果业", "\U00031350合作社", "\ue000合作社", "果业　合作社", "Café “A” – B"):
        assert replace(CHILD, party=PartyName(name)).party.name_zh == name
