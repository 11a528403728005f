"""Grant, accept, revoke, bundles: over a real store, with keys that are open (no scrypt here)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tracelib.catalog.brand import Brand
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.errors import FormatError
from tracelib.operations.trust.bundle import add_to_bundle, import_bundle, import_revocation, make_bundle
from tracelib.operations.trust.delegate import (
    DelegationUnknownError,
    Granted,
    HolderDiffersError,
    KeyTakenError,
    WrongParentError,
    accept,
    checked_serial_key,
    grant,
    grant_again,
    record_grant,
)
from tracelib.operations.trust.delegate_rules import (
    CounterPassedError,
    Limits,
    NothingToSignError,
    PrefixSpaceError,
    SerialKeyMissingError,
    WindowSpaceError,
)
from tracelib.operations.trust.revoke import Target, UnknownKeyError, revoke
from tracelib.operations.trust.ring import workspace_bundle, workspace_ring
from tracelib.store.code_repository import CodeRepository
from tracelib.store.counter_guard import CopiedWorkspaceError, GrantsLostError, RestoredDatabaseError, hold_guard
from tracelib.store.unit_of_work import Store
from tracelib.trust.bundle import Bundle, count_signatures, open_bundle, sign_bundle
from tracelib.trust.delegation import Delegation, PartyName
from tracelib.trust.enrolment import make_request
from tracelib.trust.errors import (
    ChainError,
    DelegationFormatError,
    ForeignRootError,
    KeyOfOtherRootError,
    PassphraseError,
    RollbackError,
    ThresholdError,
    TwinBundleError,
    WidenedError,
)
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair
from tracelib.trust.keystore import KeyInfo, OpenKey
from tracelib.trust.revocation import Reason, SignedRevocation
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import derive_serial_key, k_hash

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ROOTS = [KeyPair.from_secret(1, bytes([n]) * 32) for n in (201, 202, 203)]
TEST = RootSet("test", (ROOTS[0].public,), 1)
PRODUCTION = RootSet("production", tuple(pair.public for pair in ROOTS), 2)
COOP = PartyName("示例合作社", "Sample Co-operative")


def opened(number: int, root: RootSet = TEST, suite: int = 1) -> OpenKey:
    """An open key; its serial secret is its number 32 times."""
    pair = KeyPair.from_secret(suite, bytes([number]) * 32)
    info = KeyInfo(f"key-{number}", pair.public, root.environment, root.fingerprint, "2026-11-23")
    return OpenKey(info, pair, bytes([number]) * 32, {})


@dataclass
class Desk:
    """One workspace: a store under a root, what it grants, and the bundle that it has (None for none)."""

    store: Store
    root_set: RootSet = TEST
    bundle: Bundle | None = None
    now: datetime = NOW
    granted: list[Granted] = field(default_factory=list)
    keys: TemporaryDirectory[str] = field(default_factory=TemporaryDirectory)
    """The key folder, with the counter guard."""

    def __post_init__(self) -> None:
        with self.store.unit_of_work() as uow:
            uow.trust.add_root(self.root_set, self.now)

    @property
    def pinned(self) -> str:
        return self.root_set.fingerprint

    def ring(self) -> KeyRing:
        with self.store.reading() as uow:
            return KeyRing.build(
                self.bundle, self.pinned, uow.trust.delegations(), uow.trust.revocations(), root_set=self.root_set
            )

    def grant(self, parent: OpenKey, child: OpenKey, party: str = "COOP", **limits: Any) -> OpenKey:  # noqa: ANN401
        """Grant, and give the child the serial key that comes with it."""
        asked = make_request(child.signer, parent.signer.public.hash, party, COOP)
        chosen = Limits(**({"not_before": self.now} | limits))
        with hold_guard(Path(self.keys.name), workspace="W1", machine="M1") as guard:
            with self.store.unit_of_work() as uow:
                made = grant(uow, self.ring(), parent, asked, chosen, guard=guard, now=self.now)
            record_grant(guard, made)
        self.granted.append(made)
        keys = {} if made.serial_key is None else {k_hash(made.serial_key): made.serial_key}
        return replace(child, serial_keys=keys)

    @property
    def claims(self) -> Delegation:
        """The claims that were granted last."""
        return self.granted[-1].delegation.claims

    def revoke(self, signer: OpenKey, key: OpenKey, reason: Reason = Reason.STOLEN, **target: Any) -> SignedRevocation:  # noqa: ANN401
        with self.store.unit_of_work() as uow:
            named = Target(key.signer.public.hash, **target)
            return revoke(uow, self.ring(), signer, named, reason, now=self.now)

    def export(self, *signers: OpenKey, part: bool = False) -> Bundle:
        with self.store.unit_of_work() as uow:
            self.bundle = make_bundle(uow, self.root_set, [key.signer for key in signers], self.now, part=part)
        return self.bundle


ROOT = opened(201)
BRAND, ISSUER, LINE, OTHER = (opened(n) for n in (11, 12, 13, 14))


@pytest.fixture
def desk(store: Store) -> Desk:
    """A workspace under a test root."""
    return Desk(store)


@pytest.fixture
def county(desk: Desk) -> tuple[Desk, OpenKey, OpenKey]:
    """A brand and an issuer of 1,000 codes below it."""
    brand = desk.grant(ROOT, BRAND, "ASSOC")
    issuer = desk.grant(brand, ISSUER, products=("P/ORANGE", "06901234567892"), max_units=1000)
    return desk, brand, issuer


def test_what_is_chosen_for_a_brand(desk: Desk) -> None:
    desk.grant(ROOT, BRAND, "ASSOC")
    claims = desk.claims
    assert (claims.may_delegate, claims.products, claims.k_hash) == (2, (), None)
    assert claims.prefix is not None
    assert len(claims.prefix) == 2
    assert claims.not_after - claims.not_before == 365 * 86400 - 1
    assert claims.root == TEST.root_id
    assert desk.ring().key(BRAND.signer.public.hash) is not None, "it counts at once"


def test_what_is_chosen_for_an_issuer_and_its_serial_key(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, _ = county
    claims, made = desk.claims, desk.granted[-1]
    above = desk.granted[0].delegation.claims
    assert claims.prefix is not None
    assert claims.prefix.startswith(above.prefix or "?")
    assert len(claims.prefix) == 4
    assert (claims.may_delegate, claims.max_units) == (1, 1000)
    assert claims.not_after == above.not_after, "not beyond the brand's end"
    assert made.serial_key == derive_serial_key(brand.serial_secret, claims.cti)
    assert claims.k_hash == k_hash(made.serial_key)
    assert [item.claims.subject for item in made.above] == ["ASSOC"]
    assert checked_serial_key(claims, made.serial_key) == made.serial_key
    for wrong in (None, bytes(32)):
        with pytest.raises(SerialKeyMissingError):
            checked_serial_key(claims, wrong)


def test_what_is_chosen_for_line_keys(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, _, issuer = county
    issuer_claims = desk.claims
    desk.grant(issuer, LINE)
    first = desk.claims
    assert (first.prefix, first.k_hash) == (issuer_claims.prefix, issuer_claims.k_hash)
    assert (first.counter_window, first.max_units) == ((0, 99), 100), "a tenth of what is left"
    assert first.not_after - first.not_before == 30 * 86400 - 1
    desk.grant(issuer, OTHER, max_units=900)
    assert desk.claims.counter_window == (100, 999)
    with pytest.raises(WindowSpaceError, match="0 are left"):
        desk.grant(issuer, opened(15))
    assert len(desk.ring().keys()) == 4


def test_line_window_behind_the_counters_in_use(
    county: tuple[Desk, OpenKey, OpenKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The issuer has used 300 counters itself; a line has used some of its own window, which is another matter."""
    desk, _, issuer = county
    prefix = desk.claims.prefix or ""
    used = {(prefix, 0): 300, (prefix, 900): 950}
    monkeypatch.setattr(CodeRepository, "counters_of", lambda *_: used)
    with pytest.raises(CounterPassedError, match="must begin at 300"):
        desk.grant(issuer, LINE, counter_window=(299, 400))
    desk.grant(issuer, LINE, counter_window=(300, 399))
    desk.grant(issuer, OTHER, max_units=50)
    assert desk.claims.counter_window == (400, 449)


def test_database_from_before_a_line_key_grants_its_counters_to_nobody(
    county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]
) -> None:
    """Restored from a backup: it has brand and issuer, and nothing of the line key that is at work."""
    desk, _, issuer = county
    restored = replace(elsewhere(), keys=desk.keys)
    with restored.store.unit_of_work() as uow:
        for made in desk.granted:
            uow.trust.add_delegation(made.delegation, NOW)
    desk.grant(issuer, LINE)
    with pytest.raises(RestoredDatabaseError, match="newest backup") as caught:
        restored.grant(issuer, OTHER)
    assert (caught.value.params["database"], caught.value.params["guard"]) == (-1, 99)
    with restored.store.reading() as uow:
        assert len(uow.trust.delegations()) == 2, "nothing was granted"
    with restored.store.unit_of_work() as uow:
        uow.trust.add_delegation(desk.granted[-1].delegation, NOW)
    restored.grant(issuer, OTHER)
    assert restored.claims.counter_window == (100, 189), "a newer backup knows the line key"


def test_database_from_before_a_grant_grants_nothing_until_it_is_taken_over(
    county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]
) -> None:
    """A brand's database of three days ago: the issuer of yesterday is not in it, and its prefix looks free."""
    desk, brand, _ = county
    restored = replace(elsewhere(), keys=desk.keys)
    with restored.store.unit_of_work() as uow:
        uow.trust.add_delegation(desk.granted[0].delegation, NOW)
    with pytest.raises(GrantsLostError, match="bundle import"):
        restored.grant(brand, OTHER, products=("P/ORANGE",), prefix=desk.claims.prefix)
    with restored.store.unit_of_work() as uow:
        uow.trust.add_delegation(desk.granted[1].delegation, NOW)
    restored.grant(brand, OTHER, products=("P/ORANGE",), max_units=10)
    assert restored.claims.prefix != desk.claims.prefix


def test_grant_is_made_again_with_the_same_serial_key(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, issuer = county
    with desk.store.reading() as uow:
        again = grant_again(uow, desk.ring(), brand, issuer.signer.public.hash)
        with pytest.raises(DelegationUnknownError):
            grant_again(uow, desk.ring(), brand, brand.signer.public.hash)
        with pytest.raises(SerialKeyMissingError):
            grant_again(uow, desk.ring(), replace(brand, serial_secret=bytes(32)), issuer.signer.public.hash)
    first = desk.granted[1]
    assert (again.delegation.raw, again.serial_key) == (first.delegation.raw, first.serial_key)
    assert [item.raw for item in again.above] == [item.raw for item in first.above]


def test_database_behind_the_issuers_own_codes_grants_no_window(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, _, issuer = county
    with hold_guard(Path(desk.keys.name), workspace="W1", machine="M1") as guard:
        guard.record("COOP", desk.claims.prefix or "", 0, 300)
    with pytest.raises(RestoredDatabaseError):
        desk.grant(issuer, LINE)


def test_line_key_that_only_the_bundle_knows_keeps_its_counters(
    county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]
) -> None:
    desk, _, issuer = county
    desk.grant(issuer, LINE)
    there = elsewhere()
    there.bundle = desk.export(ROOT)
    with hold_guard(Path(there.keys.name), workspace="W1", machine="M1") as guard:
        guard.establish()
    there.grant(issuer, OTHER)
    assert there.claims.counter_window == (100, 189)


def test_copied_workspace_grants_nothing(desk: Desk) -> None:
    """Not even what has no counters: the first grant leaves the guard's file."""
    desk.grant(ROOT, BRAND, "ASSOC")
    copy = replace(desk, keys=TemporaryDirectory())
    for file in Path(desk.keys.name).iterdir():
        (Path(copy.keys.name) / file.name).write_bytes(file.read_bytes())
    with pytest.raises(CopiedWorkspaceError):
        copy.grant(ROOT, OTHER, "OTHER")


def test_sscc_prefix_is_not_granted_twice(desk: Desk) -> None:
    desk.grant(ROOT, BRAND, "ASSOC", sscc_prefixes=("36901",))
    with pytest.raises(WidenedError, match="SSCC"):
        desk.grant(ROOT, OTHER, "OTHER", sscc_prefixes=("369012",))
    desk.grant(BRAND, ISSUER, products=("P/ORANGE",), sscc_prefixes=("369012",))
    with pytest.raises(WidenedError, match="SSCC"):
        desk.grant(BRAND, OTHER, products=("P/ORANGE",), sscc_prefixes=("369012",))


def test_line_key_under_production_without_its_issuers_serial_key(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    """A key file of before the grant was accepted: it must not make up another K for the same prefix."""
    desk, _, issuer = county
    with pytest.raises(SerialKeyMissingError):
        desk.grant(replace(issuer, serial_keys={}), LINE)


REFUSED: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "more codes than the brand has": ({"max_units": 2000}, WidenedError),
    "longer than the brand": ({"not_after": NOW + 400 * DAY}, WidenedError),
    "earlier than the brand": ({"not_before": NOW - DAY}, WidenedError),
    "as many levels as the brand": ({"may_delegate": 2, "prefix": "7KQ"}, WidenedError),
    "a prefix outside": ({"prefix": "8KQX"}, WidenedError),
    "a prefix that is none": ({"prefix": "7KIL"}, DelegationFormatError),
    "ends before it begins": ({"not_after": NOW - DAY}, DelegationFormatError),
    "no products": ({"products": ()}, NothingToSignError),
    "a GTIN with a wrong check digit": ({"products": ("06901234567893",)}, FormatError),
    "own number without P/": ({"products": ("ORANGE",)}, FormatError),
    "region that is no division": ({"region": "009900"}, FormatError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_grant_is_refused_and_nothing_kept(desk: Desk, name: str) -> None:
    desk.grant(ROOT, BRAND, "ASSOC", prefix="7K", max_units=1000)
    limits, error = REFUSED[name]
    with pytest.raises(error):
        desk.grant(BRAND, ISSUER, **({"products": ("P/ORANGE",)} | limits))
    with desk.store.reading() as uow:
        assert len(uow.trust.delegations()) == 1


def test_line_key_for_91_days_is_refused_before_it_is_signed(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, _, issuer = county
    with pytest.raises(ChainError, match="90 days"):
        desk.grant(issuer, LINE, not_after=NOW + 91 * DAY)
    desk.grant(issuer, LINE, not_after=NOW + 90 * DAY)


def test_units_only_key_needs_no_products(desk: Desk) -> None:
    desk.grant(ROOT, BRAND, "ASSOC", sscc_prefixes=("36901",))
    desk.grant(BRAND, ISSUER, may_delegate=0, sscc_prefixes=("369012",))
    assert desk.claims.sscc_prefixes == ("369012",)


def test_region_by_the_code_of_a_prefecture(desk: Desk) -> None:
    desk.grant(ROOT, BRAND, "ASSOC", region="360700")
    assert desk.claims.region == "3607"
    desk.grant(BRAND, ISSUER, products=("P/ORANGE",), region="360733")
    assert desk.claims.region == "360733"
    with pytest.raises(WidenedError, match="region"):
        desk.grant(BRAND, OTHER, products=("P/ORANGE",), region="360900")


def test_quota_is_not_given_twice(desk: Desk) -> None:
    desk.grant(ROOT, BRAND, "ASSOC", max_units=1000)
    desk.grant(BRAND, ISSUER, products=("P/ORANGE",), max_units=600)
    with pytest.raises(WidenedError, match="together"):
        desk.grant(BRAND, OTHER, products=("P/ORANGE",), max_units=401)
    desk.grant(BRAND, OTHER, products=("P/ORANGE",), max_units=400)


def test_key_gets_no_second_delegation(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, _ = county
    with pytest.raises(KeyTakenError):
        desk.grant(brand, ISSUER, products=("P/ORANGE",))
    with pytest.raises(KeyTakenError):
        desk.grant(ROOT, ISSUER, products=("P/ORANGE",))


def test_another_key_with_a_known_id(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    """Ground out in 2^40 tries, so that its codes select the neighbour's key."""
    desk, brand, _ = county
    twin = opened(99)
    object.__setattr__(twin.signer.public, "key_id", ISSUER.signer.public.key_id)
    with pytest.raises(KeyTakenError):
        desk.grant(brand, twin, products=("P/ORANGE",))


def test_request_for_another_parent(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, _ = county
    asked = make_request(LINE.signer, ROOT.signer.public.hash, "COOP", COOP)
    with (
        hold_guard(Path(desk.keys.name), workspace="W1", machine="M1") as guard,
        desk.store.unit_of_work() as uow,
        pytest.raises(WrongParentError),
    ):
        grant(uow, desk.ring(), brand, asked, Limits(not_before=NOW), guard=guard, now=NOW)


def test_request_in_a_known_partys_name(desk: Desk) -> None:
    """The proof covers the key, not the name: the catalogue knows who COOP is."""
    with desk.store.unit_of_work() as uow:
        uow.catalog.add(Party(id="COOP", name_zh="真合作社", uscc="91110000600037341L"))
    with pytest.raises(HolderDiffersError, match="真合作社"):
        desk.grant(ROOT, BRAND)


def test_parent_that_nobody_trusts(desk: Desk) -> None:
    with pytest.raises(ChainError, match="no delegation of this root"):
        desk.grant(OTHER, ISSUER)


def test_parent_that_was_revoked(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, issuer = county
    desk.revoke(ROOT, brand)
    for parent, child in ((brand, OTHER), (issuer, LINE)):
        with pytest.raises(ChainError, match="revoked"):
            desk.grant(parent, child, products=("P/ORANGE",))


def test_recall_of_a_batch_does_not_stop_its_issuer(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, issuer = county
    desk.revoke(brand, issuer, Reason.RECALL, batch=("P/ORANGE", "26A"))
    desk.grant(issuer, LINE)
    trusted = desk.ring().key(LINE.signer.public.hash)
    assert trusted is not None
    assert trusted.delegation.issuer_hash == issuer.signer.public.hash


def test_key_of_a_test_root_neither_grants_nor_revokes_in_production(store: Store) -> None:
    production = Desk(store, PRODUCTION)
    with pytest.raises(KeyOfOtherRootError):
        production.grant(opened(201, TEST), BRAND)
    with pytest.raises(KeyOfOtherRootError):
        production.revoke(opened(201, TEST), BRAND)


def test_no_prefix_is_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracelib.operations.trust.delegate_rules.SERIAL_ALPHABET", "7")
    desk.grant(ROOT, BRAND, "ASSOC")
    assert desk.claims.prefix == "77"
    with pytest.raises(PrefixSpaceError):
        desk.grant(ROOT, OTHER, "OTHER")


# --- several root keys


def test_root_keys_share_one_space_of_prefixes(store: Store) -> None:
    desk = Desk(store, PRODUCTION)
    desk.grant(opened(201, PRODUCTION), opened(11, PRODUCTION), "ASSOC", prefix="7K")
    with pytest.raises(WidenedError, match="overlaps"):
        desk.grant(opened(202, PRODUCTION), opened(12, PRODUCTION), "OTHER", prefix="7")


def test_brand_of_one_root_key_counts_from_the_next_bundle_on(store: Store) -> None:
    desk = Desk(store, PRODUCTION)
    roots = [opened(n, PRODUCTION) for n in (201, 202)]
    brand, issuer = opened(11, PRODUCTION), opened(12, PRODUCTION)
    desk.grant(roots[0], brand, "ASSOC")
    assert desk.ring().keys() == {}
    with pytest.raises(ChainError, match="only in a bundle"):
        desk.grant(brand, issuer, products=("P/ORANGE",))
    with pytest.raises(KeyTakenError):
        desk.grant(roots[1], brand, "ASSOC")
    with pytest.raises(ThresholdError):
        desk.export(roots[0])
    desk.export(*roots)
    desk.grant(brand, issuer, products=("P/ORANGE",))
    assert len(desk.ring().keys()) == 2


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Makes another workspace, with a store of its own."""
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'elsewhere.db'}") as other:
        yield lambda root_set=TEST: Desk(other, root_set)


def test_bundle_is_signed_on_two_machines(store: Store, elsewhere: Callable[..., Desk]) -> None:
    here, there = Desk(store, PRODUCTION), elsewhere(PRODUCTION)
    here.grant(opened(201, PRODUCTION), opened(11, PRODUCTION), "ASSOC")
    part = here.export(opened(201, PRODUCTION), part=True)
    assert count_signatures(part) == 1
    with here.store.reading() as uow:
        assert uow.trust.highest_seq(PRODUCTION.fingerprint) == 0, "it does not count yet"
    with there.store.unit_of_work() as uow:
        with pytest.raises(ThresholdError):
            add_to_bundle(uow, part.raw, [opened(99, PRODUCTION).signer], PRODUCTION.fingerprint, NOW)
        whole = add_to_bundle(uow, part.raw, [opened(203, PRODUCTION).signer], PRODUCTION.fingerprint, NOW)
        assert uow.trust.highest_seq(PRODUCTION.fingerprint) == 1
    with here.store.unit_of_work() as uow:
        imported = import_bundle(uow, whole.raw, PRODUCTION.fingerprint, NOW)
    assert len(imported.delegations) == 1


def test_second_machine_signs_nothing_foreign_or_older(store: Store, elsewhere: Callable[..., Desk]) -> None:
    here, there = Desk(store, PRODUCTION), elsewhere(PRODUCTION)
    part = here.export(opened(201, PRODUCTION), part=True)
    signer = [opened(203, PRODUCTION).signer]
    with there.store.unit_of_work() as uow:
        with pytest.raises(ForeignRootError):
            add_to_bundle(uow, part.raw, signer, TEST.fingerprint, NOW)
        uow.trust.add_bundle(PRODUCTION.fingerprint, 5, b"", NOW)
        with pytest.raises(RollbackError):
            add_to_bundle(uow, part.raw, signer, PRODUCTION.fingerprint, NOW)


# --- from one workspace to another


def accepted(desk: Desk, made: Granted, words: bytes = b"one-time") -> Delegation:
    with desk.store.unit_of_work() as uow:
        return accept(uow, made.for_holder(words), desk.pinned, desk.bundle, NOW)


def test_grant_goes_to_another_workspace(
    county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _, issuer = county
    there = elsewhere()
    made = desk.granted[-1]
    assert accepted(there, made) == made.delegation.claims
    assert set(there.ring().keys()) == {BRAND.signer.public.hash, ISSUER.signer.public.hash}
    there.grant(issuer, LINE)
    assert there.ring().faults == []
    sealed = made.for_holder(b"one-time")
    assert sealed.serial_key(b"one-time") == made.serial_key
    with pytest.raises(PassphraseError):
        sealed.serial_key(b"guess")
    assert made.for_others().sealed_serial_key is None


def test_grant_of_a_foreign_root(county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]) -> None:
    desk, _, _ = county
    foreign = elsewhere(RootSet("test", (ROOTS[1].public,), 1))
    with pytest.raises(ForeignRootError):
        accepted(foreign, desk.granted[-1])
    with foreign.store.reading() as uow:
        assert uow.trust.delegations() == []


def test_grant_without_those_above_it(county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]) -> None:
    desk, _, _ = county
    there = elsewhere()
    orphan = replace(desk.granted[-1], above=())
    with pytest.raises(ChainError, match="nobody above"):
        accepted(there, orphan)
    accepted(there, desk.granted[0])
    assert accepted(there, orphan), "now the one above is here"


def test_grant_below_several_root_keys_needs_the_bundle(store: Store, elsewhere: Callable[..., Desk]) -> None:
    here, there = Desk(store, PRODUCTION), elsewhere(PRODUCTION)
    here.grant(opened(201, PRODUCTION), opened(11, PRODUCTION), "ASSOC")
    with pytest.raises(ChainError, match="one root key alone"):
        accepted(there, here.granted[0])
    there.bundle = here.export(opened(201, PRODUCTION), opened(202, PRODUCTION))
    assert accepted(there, here.granted[0]).subject == "ASSOC"


def test_bundle_carries_names_and_everything_that_was_signed(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, issuer = county
    with desk.store.unit_of_work() as uow:
        uow.catalog.add(Party(id="ASSOC", name_zh="示例协会"))
        uow.catalog.add(Party(id="COOP", name_zh="示例合作社"))
        uow.catalog.add(Brand(id="GANNAN", owner="ASSOC", name_zh="赣南脐橙", hosts=("q.example.com",)))
        uow.catalog.add(Product(party_id="COOP", id="ORANGE", name_zh="脐橙", brand_id="GANNAN"))
        uow.catalog.add(Grade(party_id="COOP", product_id="ORANGE", number=1, name_zh="特级"))
    desk.revoke(brand, issuer, Reason.RECALL, batch=("P/ORANGE", "26A"))
    bundle = desk.export(ROOT)
    assert (bundle.seq, bundle.issued, bundle.next_update) == (1, int(NOW.timestamp()), int(NOW.timestamp()) + 604800)
    ring = KeyRing.build(open_bundle(bundle.raw, TEST.fingerprint), TEST.fingerprint)
    assert ring.faults == []
    trusted = ring.key(ISSUER.signer.public.hash)
    assert trusted is not None
    assert trusted.brand is not None
    assert (trusted.brand.name_zh, [r.lot for r in trusted.revocations]) == ("赣南脐橙", ["26A"])
    entry = ring.product_entry("COOP", "P/ORANGE")
    assert entry is not None
    assert (entry.grades, entry.brand) == (((1, "特级", ""),), "GANNAN")
    assert desk.export(ROOT).seq == 2


def test_delegations_of_another_root_stay_out_of_the_bundle(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, _, _ = county
    other = Desk(desk.store, PRODUCTION)
    assert other.export(opened(201, PRODUCTION), opened(202, PRODUCTION)).delegations == ()


def test_older_twin_or_foreign_bundle(county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]) -> None:
    desk, _, _ = county
    there = elsewhere()
    first, second = desk.export(ROOT), desk.export(ROOT)
    twin = sign_bundle([ROOT.signer], replace(second, issued=second.issued + 1))
    foreign_root = RootSet("test", (OTHER.signer.public,), 1)
    foreign = sign_bundle([OTHER.signer], replace(second, root_set=foreign_root, delegations=()))
    with there.store.unit_of_work() as uow:
        import_bundle(uow, second.raw, TEST.fingerprint, NOW)
        import_bundle(uow, second.raw, TEST.fingerprint, NOW)
        for raw, error in ((first.raw, RollbackError), (twin, TwinBundleError), (foreign, ForeignRootError)):
            with pytest.raises(error):
                import_bundle(uow, raw, TEST.fingerprint, NOW)
        assert uow.trust.bundle(TEST.fingerprint, 2) == second.raw


@pytest.mark.parametrize("file", ["gone", "older"])
def test_recall_that_came_in_a_bundle_outlives_the_bundle_file(
    county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk], tmp_path: Path, file: str
) -> None:
    """Not through the program: the file beside the importer's database is deleted, or swapped for an older one."""
    desk, brand, issuer = county
    there, path = elsewhere(), tmp_path / "trust.bundle"
    old = desk.export(ROOT)
    desk.revoke(brand, issuer, Reason.RECALL, batch=("P/ORANGE", "26A"))
    new = desk.export(ROOT)
    with there.store.unit_of_work() as uow:
        for bundle in (old, new):
            import_bundle(uow, bundle.raw, TEST.fingerprint, NOW)
    if file == "older":
        path.write_bytes(old.raw)
    with there.store.reading() as uow:
        ring = workspace_ring(uow, TEST.fingerprint, path)
    assert ([revocation.lot for revocation in ring.revocations], ring.bundle_seq) == (["26A"], 2)


def test_newer_bundle_file_counts_before_the_stored_copy(county: tuple[Desk, OpenKey, OpenKey], tmp_path: Path) -> None:
    desk, _, _ = county
    path = tmp_path / "trust.bundle"
    path.write_bytes(sign_bundle([ROOT.signer], replace(desk.export(ROOT), seq=9)))
    with desk.store.reading() as uow:
        assert workspace_ring(uow, TEST.fingerprint, path).bundle_seq == 9


def test_older_bundle_file_without_the_newer_copy(county: tuple[Desk, OpenKey, OpenKey], tmp_path: Path) -> None:
    """Its number is known, and its content is lost."""
    desk, _, _ = county
    path = tmp_path / "trust.bundle"
    with desk.store.reading() as uow:
        assert workspace_bundle(uow, TEST.fingerprint, path) is None, "there never was one"
    path.write_bytes(desk.export(ROOT).raw)
    with desk.store.unit_of_work() as uow:
        uow.trust.add_bundle(TEST.fingerprint, 5, b"", NOW)
    with desk.store.reading() as uow:
        with pytest.raises(RollbackError):
            workspace_ring(uow, TEST.fingerprint, path)
        with pytest.raises(RollbackError):
            workspace_bundle(uow, TEST.fingerprint, path)


# --- revocations


def test_recall_is_handed_on_as_a_file(county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]) -> None:
    desk, brand, issuer = county
    there = elsewhere()
    there.bundle = desk.export(ROOT)
    signed = desk.revoke(brand, issuer, Reason.RECALL, batch=("P/ORANGE", "26A"))
    with there.store.unit_of_work() as uow:
        import_revocation(uow, signed, TEST.fingerprint, there.bundle, NOW)
    assert [r.lot for r in there.ring().revocations] == ["26A"]


def test_revocation_file_that_does_not_count(
    county: tuple[Desk, OpenKey, OpenKey], elsewhere: Callable[..., Desk]
) -> None:
    """By a key that the other workspace does not know; nothing is kept."""
    desk, brand, issuer = county
    signed, there = desk.revoke(brand, issuer), elsewhere()
    with there.store.unit_of_work() as uow:
        with pytest.raises(ChainError):
            import_revocation(uow, signed, TEST.fingerprint, None, NOW)
        assert uow.trust.revocations() == []


@pytest.mark.parametrize("signer", [ROOT, BRAND, ISSUER], ids=["root", "brand", "the key itself"])
def test_who_may_revoke(county: tuple[Desk, OpenKey, OpenKey], signer: OpenKey) -> None:
    desk, _, _ = county
    signed = desk.revoke(signer, ISSUER, serials=("7KQX" + "0" * 11, "7KQX" + "Z" * 11))
    assert signed.claims.day == 2518, "2026-11-23 at noon in China"
    trusted = desk.ring().key(ISSUER.signer.public.hash)
    assert trusted is not None
    assert [r.first for r in trusted.revocations] == ["7KQX" + "0" * 11]


def test_neighbour_or_child_may_not_revoke(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, _ = county
    desk.grant(brand, OTHER, "COOP2", products=("P/ORANGE",))
    for signer, target in ((OTHER, ISSUER), (ISSUER, BRAND), (LINE, ISSUER)):
        with pytest.raises(ChainError, match="itself or one above"):
            desk.revoke(signer, target)
    with desk.store.reading() as uow:
        assert uow.trust.revocations() == []


def test_slip_of_the_pen_revokes_nothing(county: tuple[Desk, OpenKey, OpenKey]) -> None:
    desk, brand, _ = county
    with pytest.raises(UnknownKeyError):
        desk.revoke(ROOT, OTHER)
    with pytest.raises(FormatError):
        desk.revoke(brand, ISSUER, batch=("ORANGE", "26A"))
