"""The database that a new workspace works with: asked before anything is made, and kept in its settings."""

from tracelib.errors import RuleError
from tracelib.store.engine import has_password, name_of, parse_url
from tracelib_cli.settings import Settings

KEY = "database"


class DatabasePasswordError(RuleError):
    """A password in the database URL would be written into the settings file."""

    code = "init.database_password"
    template = (
        "«{database}» was given with a password, which would stand in tracelib.toml for all to read: leave it out of "
        "the URL and keep it in the file ~/.pgpass (or set TRACELIB_DATABASE to the whole URL). Nothing was made."
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


def require_database(settings: Settings) -> None:
    """Raise what a server would say against the database: not reached, refused, of a newer program. Nothing is made."""
    from tracelib.store.unit_of_work import Store

    Store.require_server(settings.database_url())
