"""Publish the catalogue as it was on a day, and check a catalogue that somebody published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from tracelib.clock import CHINA
from tracelib.errors import RuleError
from tracelib.identifiers.division import DivisionTable
from tracelib.operations.file_hash import file_sha256
from tracelib.publish.errors import (
    CatalogueFormatError,
    CatalogueKeyError,
    CataloguePictureError,
    CatalogueTwinError,
    NothingToPublishError,
)
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
        uow.changes.require_clock("", now)
        catalog = uow.catalog.snapshot() if on is None else uow.catalog_history.on(on)
    test = ring is not None and ring.environment == "test"
    view = public_view(catalog, day, look.title, test=test)
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


@dataclass(frozen=True, slots=True)
class VerifiedCatalogue:
    """A signed catalogue that holds, and what beside it was compared: pictures, and the readable file."""

    signed: SignedCatalogue
    pictures: int
    missing_pictures: int
    twin: bool


def verify_catalog(path: Path, ring: "KeyRing", now: datetime) -> VerifiedCatalogue:
    """Check a signed catalogue, and that the readable file and the pictures beside it, where they are, say the same.

    Raises CatalogueFormatError, SignatureError, CatalogueKeyError, CatalogueTwinError, CataloguePictureError,
    FileNotFoundError.
    """
    with path.open("rb") as stream:
        raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise CatalogueFormatError(file=path.name, reason="it is larger than 64 MB")
    opened = open_catalogue(raw, ring, now, path.name)
    twin = path.with_name(DATA)
    if twin.is_file() and twin.read_bytes() != opened.payload:
        raise CatalogueTwinError(file=twin.name)
    pictures, missing = _check_pictures(path.parent, opened.content)
    return VerifiedCatalogue(opened, pictures, missing, twin.is_file())


def _check_pictures(folder: Path, content: Mapping[str, Any]) -> tuple[int, int]:
    """How many of the pictures that a catalogue names are there and as signed, and how many are not there."""
    named: dict[str, str] = {}
    for entries in content.values():
        for entry in entries if isinstance(entries, list) else ():
            picture = entry.get("picture") if isinstance(entry, dict) else None
            if isinstance(picture, dict):
                named[str(picture.get("file"))] = str(picture.get("sha256"))
    there = {file: folder / file for file in named if _stays_inside(file) and (folder / file).is_file()}
    wrong = sorted(file for file, path in there.items() if file_sha256(path) != named[file])
    if wrong:
        raise CataloguePictureError(count=len(wrong), file=wrong[0])
    return len(there), len(named) - len(there)


def _stays_inside(file: str) -> bool:
    path = PurePosixPath(file)
    return not path.is_absolute() and ".." not in path.parts and not set(file) & {"\\", ":", "\0"}
