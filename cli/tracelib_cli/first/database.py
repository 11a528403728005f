"""The database that a new workspace works with: asked before anything is made, and kept in its settings."""

from typing import TYPE_CHECKING

from tracelib.errors import RuleError
from tracelib.store.engine import has_password, name_of, parse_url
from tracelib_cli.settings import Settings

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork
    from tracelib_cli.first.plan import Plan

KEY = "database"


class DatabasePasswordError(RuleError):
    """A password in the database URL would be written into the settings file."""

    code = "init.database_password"
    template = (
        "«{database}» was given with a password, which would stand in tracelib.toml for all to read: leave it out of "
        "the URL and keep it in the file ~/.pgpass (or set TRACELIB_DATABASE to the whole URL). Nothing was made."
    )


class OtherRootError(RuleError):
    """The database holds the books of another root; two in one set of books would be a mistake nobody sees."""

    code = "init.other_root"
    template = (
        "«{database}» already holds the books of the root {recorded}. To work with them too, join that root: "
        "tracelib --database {database} init DIR --root {recorded}. For a root of your own take an empty database. "
        "Nothing was made."
    )


def database_to_keep(settings: Settings) -> str:
    """What the settings file says of the database; empty for the workspace's own file.

    A URL with a password is not kept: DatabasePasswordError where an option gave it; one in ``TRACELIB_DATABASE`` stays
    there.
    """
    url = settings.text(KEY)
    if settings.origin(KEY) == Settings.ORIGIN_DEFAULT:
        return ""
    if settings.origin(KEY) == Settings.ORIGIN_OPTION:
        refuse_password(url)
    return "" if has_password(parse_url(url)) else url


def refuse_password(url: str) -> None:
    """DatabasePasswordError for a database URL with a password; DatabaseUrlError for what is none."""
    parsed = parse_url(url)
    if has_password(parsed):
        raise DatabasePasswordError(database=name_of(parsed))


def require_database(settings: Settings, plan: "Plan") -> None:
    """Raise what the database says against a new workspace with this plan. Nothing is made.

    A server that is not reached, refuses, or holds the books of another version; OtherRootError; EntryDiffersError and
    the other errors of an entry for a party that is recorded otherwise.
    """
    from tracelib.store.unit_of_work import Store
    from tracelib.trust.keystore import KeyStore

    url = settings.database_url()
    if not Store.holds_books(url):
        return
    own = {info.root for info in KeyStore(settings.path("keys")).list()}  # of a run that was cut off
    with Store.open(url) as store:
        refuse_other_root(store, {plan.root} if plan.root else own)
        with store.reading() as uow:
            _require_party(uow, plan)


def _require_party(uow: "UnitOfWork", plan: "Plan") -> None:
    """A party that is recorded may have more than the plan says, but nothing else."""
    from tracelib.catalog.party import Party
    from tracelib.operations.catalog.entries import is_new

    if not plan.party:
        return
    recorded = uow.catalog.party(plan.party)
    uscc = plan.uscc or (recorded.uscc if recorded else None)
    party = Party(id=plan.party, name_zh=plan.name, uscc=uscc)
    if recorded:
        party = recorded.model_copy(update={"name_zh": party.name_zh, "uscc": party.uscc})
    is_new(uow.catalog, party)


def refuse_other_root(store: "Store", own: set[str]) -> None:
    """OtherRootError for books that know roots, and none of ``own`` (fingerprints)."""
    with store.reading() as uow:
        recorded = uow.trust.roots()
    if recorded and not own.intersection(recorded):
        raise OtherRootError(database=store.name, recorded=recorded[-1])
