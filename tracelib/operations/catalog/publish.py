"""Publish the catalogue as it was on a day, and check a catalogue that somebody published."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.clock import CHINA
from tracelib.errors import RuleError
from tracelib.identifiers.division import DivisionTable
from tracelib.publish.errors import CatalogueFormatError, CatalogueKeyError, CatalogueTwinError, NothingToPublishError
from tracelib.publish.signed import LARGEST, SignedCatalogue, open_catalogue, refusal
from tracelib.publish.site import DATA, Published, publish
from tracelib.publish.view import public_view
from tracelib.text import LocalizedText

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.keyring import KeyRing
    from tracelib.trust.keys import Signer

LONGEST_TITLE = 60
NO_DELEGATION = (
    "the key that is to sign it has no delegation here, and a root signs no catalogue; sign with the key of a party, "
    "which this makes one: tracelib delegate grant --by root --key KEY --party PARTY"
)


class TitleError(RuleError):
    """A title that is no title."""

    code = "publish.title"
    template = "«{given}» cannot be the title of a catalogue: expected 1 to {longest} characters on one line."


@dataclass(frozen=True, slots=True)
class Look:
    """How a publication is made: its title, the folder of pictures, where it will stand (empty: anywhere), the names
    of divisions.
    """

    title: LocalizedText
    pictures: Path
    base_url: str = ""
    divisions: DivisionTable | None = None


def publish_catalog(
    store: "Store",
    out: Path,
    look: Look,
    now: datetime,
    *,
    on: date | None = None,
    signer: "Signer | None" = None,
    ring: "KeyRing | None" = None,
    progress: Callable[[str, int], None] | None = None,
) -> Published:
    """Write the pages and data of what holds on a day (today without one), and note it in the book of changes.

    Who signs is looked up in ``ring`` first, so that nothing is published that nobody could verify.

    Raises TitleError, NothingToPublishError, CatalogueKeyError and those of ``tracelib.publish.site.publish``.
    """
    for text in (look.title.zh, look.title.en):
        if not 0 < len(text) <= LONGEST_TITLE or not text.isprintable():
            raise TitleError(given=text, longest=LONGEST_TITLE)
    today = now.astimezone(CHINA).date()
    day = on or today
    with store.reading() as uow:
        catalog = uow.catalog.snapshot() if on is None else uow.catalog_history.on(on)
    view = public_view(catalog, day, look.title)
    if not view.products:
        raise NothingToPublishError(day=day)
    if signer is not None:
        _check_signer(signer, ring, day, now)
    done = publish(
        view, out, look.pictures, divisions=look.divisions, signer=signer, base_url=look.base_url, progress=progress
    )
    with store.unit_of_work() as uow:
        detail = {"day": day.isoformat(), "products": len(view.products), "signed": signer is not None}
        uow.changes.add("catalog.publish", out.name, now, detail=detail)
    return done


def _check_signer(signer: "Signer", ring: "KeyRing | None", day: date, now: datetime) -> None:
    key = ring.key(signer.public.hash) if ring is not None else None
    reason = refusal(key, day, now) if key is not None else NO_DELEGATION
    if reason:
        raise CatalogueKeyError(day=day, reason=reason)


def verify_catalog(path: Path, ring: "KeyRing", now: datetime) -> SignedCatalogue:
    """Check a signed catalogue, and that the readable file beside it says the same.

    Raises CatalogueFormatError, SignatureError, CatalogueKeyError, CatalogueTwinError, FileNotFoundError.
    """
    with path.open("rb") as stream:
        raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise CatalogueFormatError(file=path.name, reason="it is larger than 64 MB")
    opened = open_catalogue(raw, ring, now, path.name)
    twin = path.with_name(DATA)
    if twin.is_file() and twin.read_bytes() != opened.payload:
        raise CatalogueTwinError(file=twin.name)
    return opened
