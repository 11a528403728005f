"""Books that are gone while the counters beside the keys know of codes: what is wanted then is a backup."""

from tracelib_cli.settings import Settings


def refuse_lost_books(settings: Settings) -> None:
    """BooksLostError where the database holds no tables of ours and the counter guard knows counters."""
    from tracelib.store.counter_guard import FILE_NAME, read_counters
    from tracelib.store.engine import name_of, parse_url
    from tracelib.store.errors import BooksLostError
    from tracelib.store.unit_of_work import Store

    if settings.folder is None:
        return
    file = settings.path("keys") / FILE_NAME
    if read_counters(file) and not Store.holds_books(settings.database_url()):
        raise BooksLostError(database=name_of(parse_url(settings.database_url())), file=file)
