"""Errors of the store. Foreign exceptions (SQLAlchemy, sqlite3, psycopg, OSError on the database) stop here."""

from tracelib.errors import StoreError


class SchemaMissingError(StoreError):
    """The database has no tables of ours."""

    code = "store.schema_missing"
    template = "The database {database} is empty: make its tables with: tracelib db upgrade"


class SchemaStaleError(StoreError):
    """The database was made by an older version of the program."""

    code = "store.schema_stale"
    template = (
        "The database {database} has schema {found}, this program works with {expected}: "
        "make a backup, then run: tracelib db upgrade"
    )


class SchemaNewerError(StoreError):
    """The database was made by a newer version of the program; nothing is read or written."""

    code = "store.schema_newer"
    template = (
        "The database {database} has schema {found}, which this program (schema {expected}) does not know: "
        "it was made by a newer version. Install that version, or open a database of this one."
    )


class NoDatabaseError(StoreError):
    """The SQLite file is not there."""

    code = "store.no_database"
    template = "There is no database {database}: make it with: tracelib db upgrade"


class BooksLostError(StoreError):
    """There are no books, and the counters beside the keys say that codes were issued."""

    code = "store.books_lost"
    template = (
        "There are no books in {database}, and {file} says that codes were issued here. Bring the newest backup back: "
        "tracelib restore FILE. Only where there is none: tracelib db upgrade --anew makes empty books; the keys that "
        "issued then stay refused."
    )


class DatabaseUrlError(StoreError):
    """The setting «database» is no URL that the store can open."""

    code = "store.url"
    template = (
        "«{given}» is no database URL: expected sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME "
        "(setting «database»)."
    )


class LockedError(StoreError):
    """Another process is writing and did not finish in time."""

    code = "store.locked"
    retryable = True
    template = "The database {database} is in use by another process and stayed locked for {seconds} s: try again."


class DiskFullError(StoreError):
    """No room left; the transaction was rolled back."""

    code = "store.disk_full"
    template = "The disk of {database} is full; nothing of this step was written. Make room and try again."


class ReadOnlyError(StoreError):
    """The database or its folder may not be written."""

    code = "store.read_only"
    template = "The database {database} is read-only: allow writing to the file and to its folder ({detail})."


class DamagedError(StoreError):
    """The file is no database, or is damaged."""

    code = "store.damaged"
    template = "{database} is damaged or no database ({detail}): restore a backup, then run: tracelib db check"


class UnreachableError(StoreError):
    """The database server does not answer, or refuses the user."""

    code = "store.unreachable"
    retryable = True
    template = "The database server {database} cannot be reached: {detail}. Is it running, and is the URL right?"


class ConflictError(StoreError):
    """A row with this key is there already, or a row that it needs is not: another writer came first, or a bug."""

    code = "store.conflict"
    template = "The database {database} refused a row that contradicts what it holds: {detail}"


class TransactionError(StoreError):
    """PostgreSQL ended the transaction because another one came first (deadlock, serialization)."""

    code = "store.transaction"
    retryable = True
    template = "The database {database} gave way to another transaction: try again ({detail})."


class DatabaseError(StoreError):
    """Anything else that the database refused."""

    code = "store.database"
    template = "The database {database} refused the request: {detail}"


class RangeTakenError(StoreError):
    """Another process reserved these counters, or registered this range, in between."""

    code = "store.range_taken"
    retryable = True
    template = "Counters from {first} under prefix {prefix} were taken by another process in between: try again."
