"""Save what the words of a spreadsheet mean, and find the mapping that fits a file."""

import difflib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.errors import FormatError, NotFoundError, RuleError
from tracelib.sheets.batch_sheet import COLUMNS
from tracelib.sheets.heading import Vocabulary
from tracelib.sheets.mapping import LONGEST_NAME, SheetLook, SheetMapping, header_of, look_at, make_mapping

if TYPE_CHECKING:
    from tracelib.store.mapping_repository import SavedMapping
    from tracelib.store.unit_of_work import Store, UnitOfWork


class MappingNotFoundError(NotFoundError):
    """No mapping has this name."""

    code = "batch.no_mapping"
    template = "There is no mapping «{name}»; saved are: {known}. One is saved by: tracelib batch map FILE --name NAME"


class MappingNameError(FormatError):
    """A name that no mapping can have."""

    code = "batch.mapping_name"
    template = "«{given}» cannot be the name of a mapping: expected 1 to {longest} characters on one line."


class MappingOfSeveralError(RuleError):
    """Several parties have a mapping of this name, and nothing says which party is meant."""

    code = "batch.mapping_of_several"
    template = (
        "The mapping «{name}» is saved for several parties: {parties} (- is every party). "
        "Say whose is meant: tracelib config set party ID"
    )


class SeveralMappingsError(RuleError):
    """More than one saved mapping fits a file."""

    code = "batch.several_mappings"
    template = "Several saved mappings fit {file}: {names}. Say which one with --map NAME."


def look_at_sheet(path: Path, said: SheetMapping, sheet: str | None = None) -> SheetLook:
    """The columns of a file and what they would be taken for, given what a person said so far.

    Raises the errors of ``look_at`` and of ``SheetMapping.vocabulary``.
    """
    return look_at(path, said.vocabulary(), sheet=sheet)


def save_mapping(
    store: "Store", look: SheetLook, said: SheetMapping, name: str, party_id: str, now: datetime
) -> SheetMapping:
    """Save the mapping of a file that was looked at, under a name. Raises the errors of ``make_mapping``."""
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
        raise MappingNameError(given=name, longest=LONGEST_NAME)
    made = make_mapping(look, said)
    content = made.model_dump()
    with store.unit_of_work() as uow:
        uow.mappings.save(party_id, name.strip(), content, now)
        uow.changes.add("batch.map", name.strip(), now, party_id=party_id, detail=content)
    return made


def remove_mapping(store: "Store", name: str, party_id: str | None, now: datetime) -> None:
    """Remove a mapping; its versions stay in the book. Raises MappingNotFoundError."""
    with store.unit_of_work() as uow:
        saved = find_mapping(uow, name, party_id)
        uow.mappings.save(saved.party_id, saved.name, None, now)
        uow.changes.add("batch.map_remove", saved.name, now, party_id=saved.party_id, detail=saved.content)


def find_mapping(uow: "UnitOfWork", name: str, party_id: str | None) -> "SavedMapping":
    """A mapping by its name: the party's own, else one of every party, else the only one of another party.

    Raises:
        MappingNotFoundError, MappingOfSeveralError.
    """
    saved = uow.mappings.list()
    found = {mapping.party_id: mapping for mapping in saved if mapping.name == name}
    if not found:
        known = difflib.get_close_matches(name, {mapping.name: None for mapping in saved}, n=5, cutoff=0)
        raise MappingNotFoundError(name=name, known=", ".join(known) or "-")
    if party_id is not None and (own := found.get(party_id) or found.get("")):
        return own
    if len(found) > 1:
        raise MappingOfSeveralError(name=name, parties=", ".join(party or "-" for party in found))
    return next(iter(found.values()))


def choose_mapping(
    uow: "UnitOfWork", path: Path, sheet: str | None, name: str | None, party_id: str | None
) -> "SavedMapping | None":
    """The mapping to read a file with: the named one; else the only one of exactly the file's headers; else, where the
    file's own words do not do, the only one that fits.

    Raises:
        MappingNotFoundError, SeveralMappingsError.
    """
    if name is not None:
        return find_mapping(uow, name, party_id)
    saved = uow.mappings.list(party_id)
    if not saved:
        return None
    if party_id is not None:  # the party's own, which come last, stand before those of every party
        saved = list({mapping.name: mapping for mapping in saved}.values())
    exact: list[SavedMapping] = []
    loose: list[SavedMapping] = []
    for candidate in saved:
        mapping = SheetMapping.model_validate(candidate.content)
        header = header_of(path, mapping.vocabulary(), sheet)
        if header is not None and mapping.fits(header):
            (exact if mapping.names_all(header) else loose).append(candidate)
    fitting = exact or ([] if _plain(path, sheet) else loose)
    if len(fitting) > 1:
        names = ", ".join(candidate.name for candidate in fitting)
        raise SeveralMappingsError(file=path.name, names=names)
    return fitting[0] if fitting else None


def is_read_by(store: "Store", path: Path, sheet: str | None, name: str, party_id: str | None) -> bool:
    """Whether a file is read with the mapping of this name unless a person names another one."""
    with store.reading() as uow:
        try:
            chosen = choose_mapping(uow, path, sheet, None, party_id)
        except SeveralMappingsError:
            return False
    return chosen is not None and chosen.name == name


def _plain(path: Path, sheet: str | None) -> bool:
    """Whether the program's own words are enough to read a file."""
    plain = Vocabulary(COLUMNS)
    header = header_of(path, plain, sheet)
    return bool(header and not plain.missing(header.words.values()) and all(map(plain.find, header.words.values())))
