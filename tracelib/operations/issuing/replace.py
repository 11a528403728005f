"""Replace codes (补码): new codes for the same goods, each naming the void one that it stands for.

The new range, the void rows, the relation between old and new and the events are written in the one transaction that
reserves the counters. A run that dies afterwards leaves a range without a manifest and everything else complete; the
same command then registers that range and answers it. So an old code is replaced once and never again, however often
the command runs: what has been replaced is answered with its replacement.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from tracelib.clock import day_number
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib.errors import RuleError, StoreError
from tracelib.operations.export import all_lines, check_printable
from tracelib.operations.issuing import rules as issue_rules
from tracelib.operations.issuing.issue import window_of
from tracelib.operations.issuing.issue_units import sscc_window, sscc_windows
from tracelib.operations.issuing.issuer import Desk, Issuer
from tracelib.operations.issuing.register_range import Registered, Window, register_left_over, register_range
from tracelib.operations.issuing.validity import check_held
from tracelib.operations.issuing.void import VoidAct, write_void
from tracelib.operations.units import Units, joined
from tracelib.store.code_values import IssuedRange, is_sscc_space

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

HEADER = b"code,serial,replaces\n"


class NotVoidError(RuleError):
    """Codes that are in use are to be replaced, and nobody said why."""

    code = "replace.not_void"
    template = "{count} of the codes are not void, the first is {first}: say why they become void with --reason."


class ReplacementsNotWrittenError(StoreError):
    """The file of replacements could not be written; they are made all the same."""

    code = "replace.write"
    template = (
        "{file} could not be written: {detail}. Nothing half-written is left. The old codes are void and the new ones "
        "stand in the books: make room and give the same command again, it replaces nothing twice."
    )


class ReplacedMeanwhileError(StoreError):
    """Somebody else replaced the same codes between our look and our writing; nothing was written."""

    code = "replace.meanwhile"
    retryable = True
    template = "{unit} was replaced by somebody else at the same moment: run the command again."


@dataclass(frozen=True, slots=True)
class Keys:
    """The issuer keys at hand: which one issues for a party now, each by its full hash, and every K by its k_hash."""

    of_party: Callable[[str], Issuer]
    of_hash: Callable[[bytes], Issuer]
    serial_keys: Mapping[bytes, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Printed:
    """What the new codes are printed with: host and path of the address."""

    host: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ReplacePlan:
    """What a replacement would do: ``fresh`` units get a new code, those of ``parts`` that have one keep it.

    ``not_void`` of the fresh ones are still in use, from ``first_not_void`` on.
    """

    parts: tuple[IssuedRange, ...]
    fresh: tuple[IssuedRange, ...]
    not_void: int
    first_not_void: str

    def require(self, act: VoidAct | None) -> None:
        """Raise NotVoidError where something is still in use and nobody says why it shall be void."""
        if self.not_void and act is None:
            raise NotVoidError(count=self.not_void, first=_typed(self.first_not_void))

    @property
    def count(self) -> int:
        """How many units are to be replaced by a new code."""
        return sum(part.count for part in self.fresh)

    @property
    def before(self) -> int:
        """How many have been replaced before."""
        return sum(part.count for part in self.parts) - self.count


@dataclass(frozen=True, slots=True)
class Replaced:
    """New ranges, and how many units have a replacement from before."""

    registered: tuple[Registered, ...]
    before: int

    @property
    def count(self) -> int:
        """How many new codes there are."""
        return sum(one.range.count for one in self.registered)


def plan_replace(uow: "UnitOfWork", units: Units, parts: Sequence[IssuedRange]) -> ReplacePlan:
    """What :func:`replace_codes` would do; writes nothing."""
    fresh: list[IssuedRange] = []
    not_void, first_not_void = 0, ""
    named = joined(parts)
    for part in named:
        at = part.first
        for ids in units.ids(part):
            known = uow.voids.replacements(part.party_id, ids)
            open_ = [place for place, unit in enumerate(ids) if unit not in known]
            fresh += [replace(part, first=at + low, count=high - low + 1) for low, high in _runs(open_)]
            void = uow.voids.voided(part.party_id, ids)
            living = [ids[place] for place in open_ if ids[place] not in void]
            not_void += len(living)
            first_not_void = first_not_void or next(iter(living), "")
            at += len(ids)
    return ReplacePlan(tuple(named), tuple(joined(fresh)), not_void, first_not_void)


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of every run of neighbours."""
    for _, group in groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
        run = [place for _, place in group]
        yield run[0], run[-1]


def replace_codes(desk: Desk, keys: Keys, plan: ReplacePlan, act: VoidAct | None, printed: Printed) -> Replaced:
    """Issue a new code for every unit of ``plan`` that has none yet; what is not void becomes void by ``act``.

    One range for each batch, level, grade, weight and profile; replacements that an interrupted run has begun are
    registered too. A closed batch may have codes replaced: they state no weight that was not stated before. The
    delegation's quotas count every signed code, so a replacement takes its part of them.

    Raises:
        NotVoidError: something is in use and there is no ``act``.
        ReplacedMeanwhileError: try again.
        NotHeldTodayError: the product, its party, its brand or the authorisation has ended or not begun.
        the errors of ``issue_rules``, CountersUsedUpError, NoSsccPrefixError, CodeTooLongError, SerialKeyMissingError,
            those of the guard and of the store.
    """
    plan.require(act)
    registered = [
        _replace_group(desk, keys.of_party(group[0].party_id), group, act, printed, keys.serial_keys)
        for group in _groups(plan.fresh)
    ]
    with desk.store.reading() as uow:
        ranges = _ranges_replacing(uow, Units(uow, keys.serial_keys), plan.parts)
    for key_hash in dict.fromkeys(range_.issuer_key for range_ in ranges if range_.seq is None):
        register_left_over(desk, keys.of_hash(key_hash))
    return Replaced(tuple(registered), plan.before)


def replacement_lines(
    uow: "UnitOfWork", keys: Keys, parts: Sequence[IssuedRange], processes: int = 1
) -> Iterator[bytes]:
    """What stands for the units of ``parts`` as CSV: code, serial, replaces; in the order of issue."""
    units = Units(uow, keys.serial_keys)
    pairs = _pairs(uow, units, parts)
    yield HEADER
    for range_ in _ranges_replacing(uow, units, parts):
        serials = (unit for ids in units.ids(range_) for unit in ids)
        for piece in all_lines(keys.of_hash, [range_], processes):
            codes = zip(piece.decode("ascii").splitlines(), serials, strict=False)
            rows = [f"{code},{unit},{pairs[unit]}\n" for code, unit in codes if unit in pairs]
            yield "".join(rows).encode("ascii")


def replacements_of(uow: "UnitOfWork", keys: Keys, parts: Sequence[IssuedRange]) -> list[IssuedRange]:
    """The codes that stand for the units of ``parts``, as parts of their ranges."""
    units = Units(uow, keys.serial_keys)
    pairs = _pairs(uow, units, parts)
    found: list[IssuedRange] = []
    for range_ in _ranges_replacing(uow, units, parts):
        first = range_.first
        for ids in units.ids(range_):
            places = [place for place, unit in enumerate(ids) if unit in pairs]
            found += [replace(range_, first=first + low, count=high - low + 1) for low, high in _runs(places)]
            first += len(ids)
    return found


def _pairs(uow: "UnitOfWork", units: Units, parts: Sequence[IssuedRange]) -> dict[str, str]:
    """Unit that replaces to unit that was replaced."""
    return {
        one.replaced_by: old
        for part in parts
        for ids in units.ids(part)
        for old, one in uow.voids.replacements(part.party_id, ids).items()
    }


def _typed(unit_id: str) -> str:
    return grouped(unit_id) if len(unit_id) == SERIAL_LENGTH else unit_id


def _ranges_replacing(uow: "UnitOfWork", units: Units, parts: Sequence[IssuedRange]) -> list[IssuedRange]:
    """The ranges whose codes stand for units of ``parts``, in the order of prefix and counter."""
    found: dict[tuple[str, str, int], None] = {}
    for part in parts:
        for ids in units.ids(part):
            for one in uow.voids.replacements(part.party_id, ids).values():
                found[one.party_id, one.prefix, one.first] = None
    ranges = [uow.codes.covering(*place) for place in sorted(found)]
    return [range_ for range_ in ranges if range_ is not None]


def _groups(parts: Sequence[IssuedRange]) -> list[list[IssuedRange]]:
    """Parts whose replacements can share one range, in the order in which the first of each was issued."""
    groups: dict[tuple[object, ...], list[IssuedRange]] = {}
    for part in parts:
        alike = (part.party_id, part.product_id, part.product_key, part.lot, part.attrs, part.profile)
        groups.setdefault((*alike, is_sscc_space(part.prefix)), []).append(part)
    return list(groups.values())


def _replace_group(
    desk: Desk,
    issuer: Issuer,
    group: Sequence[IssuedRange],
    act: VoidAct | None,
    printed: Printed,
    serial_keys: Mapping[bytes, bytes],
) -> Registered:
    now = desk.clock.now()
    count = sum(part.count for part in group)
    issue_rules.check_count(count)
    issue_rules.check_clock(issuer.earliest_s, now)
    issue_rules.check_day(issuer.delegation, now)
    wanted = _wanted(desk, issuer, group[0], count, printed)
    check_printable(issuer, wanted)

    def place(uow: "UnitOfWork") -> tuple[IssuedRange, Window]:
        """The range under all rules, and where its counters come from."""
        check_held(uow, wanted.party_id, wanted.product_id, now)
        _check_rules(uow, issuer, wanted)
        with_sscc = is_sscc_space(wanted.prefix)
        return wanted, sscc_window(uow, issuer, count) if with_sscc else window_of(issuer)

    def fill(uow: "UnitOfWork", range_: IssuedRange) -> None:
        """Make the old codes void and relate each to its new one, with the range."""
        uow.voids.hold([range_.party_id])
        if act is not None:
            write_void(uow, group, act, now, serial_keys=serial_keys)
        _relate(uow, Units(uow, serial_keys), group, range_)

    return register_range(desk, issuer, wanted, place, fill)


def _wanted(desk: Desk, issuer: Issuer, old: IssuedRange, count: int, printed: Printed) -> IssuedRange:
    now = desk.clock.now()
    window = sscc_windows(issuer, count)[0] if is_sscc_space(old.prefix) else None
    return replace(
        old,
        prefix=window.prefix if window else issuer.prefix,
        first=window.first if window else 0,
        count=count,
        issuer_key=issuer.key_hash,
        day=day_number(now),
        weight_g=(old.attrs >> 8) * 10 * count,
        host=printed.host,
        path=printed.path,
        reserved_at=now,
        seq=None,
        replaces=True,
    )


def _check_rules(uow: "UnitOfWork", issuer: Issuer, wanted: IssuedRange) -> None:
    """What the delegation says. The batch's weight is not asked: the void codes stated it already."""
    if not wanted.lot:
        return
    delegation, reference = issuer.delegation, wanted.reference
    (batch,) = uow.batches.hold([(wanted.party_id, wanted.product_id, wanted.lot)])
    issue_rules.check_product(delegation, wanted.product_key)
    issue_rules.check_region(delegation, reference, batch.origin)
    issued = uow.codes.issued_count(*batch.key)
    issue_rules.check_batch_quota(delegation, reference, issued, wanted.count)
    last = uow.codes.last_manifest(issuer.party_id, issuer.key_hash)
    weight_10g = wanted.attrs >> 8
    key_g = last.cum_weight_g if last else 0
    issue_rules.check_weight(delegation, weight_10g * 10, weight_10g, wanted.count, key_g)


def _relate(uow: "UnitOfWork", units: Units, group: Sequence[IssuedRange], range_: IssuedRange) -> None:
    """Which new unit stands for which old one: both in the order of their counters."""
    first = range_.first
    for part in group:
        for old in units.ids(part):
            known = uow.voids.replacements(part.party_id, old)
            if known:
                raise ReplacedMeanwhileError(unit=min(known))
            (new,) = units.ids(replace(range_, first=first, count=len(old)))
            uow.voids.add_replacements(part.party_id, old, new, range_.prefix, range_.first)
            first += len(old)
