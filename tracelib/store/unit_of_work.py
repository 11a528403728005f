"""One unit of work is one transaction, with the repositories it needs.

::

    store = Store.open("sqlite:////srv/county/tracelib.db")
    with store.unit_of_work() as uow:      # writes; commits on a clean exit, rolls back on an exception
        uow.batches.add(batch)
    with store.reading() as uow:           # a consistent view, no writes
        batch = uow.batches.get("COOP1", "ORANGE-5KG", "GN-1")

Repositories are made when they are first used. Every one takes the session and nothing else.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sqlalchemy import Engine
from sqlmodel import Session

from tracelib.store import migrate
from tracelib.store.engine import BUSY_TIMEOUT_S, WRITING, make_engine, name_of
from tracelib.store.errors import NoDatabaseError
from tracelib.store.handed_over import require_mine

if TYPE_CHECKING:
    from tracelib.store.batch_repository import BatchRepository
    from tracelib.store.catalog_history import CatalogHistory
    from tracelib.store.catalog_repository import CatalogRepository
    from tracelib.store.change_repository import ChangeRepository
    from tracelib.store.code_repository import CodeRepository
    from tracelib.store.containment_repository import ContainmentRepository
    from tracelib.store.event_repository import EventRepository
    from tracelib.store.known_containment import KnownContainment
    from tracelib.store.lineage_repository import LineageRepository
    from tracelib.store.mapping_repository import MappingRepository
    from tracelib.store.print_repository import PrintRepository
    from tracelib.store.reach_repository import ReachRepository
    from tracelib.store.recall_repository import RecallRepository
    from tracelib.store.scan_repository import ScanRepository
    from tracelib.store.trace_repository import TraceRepository
    from tracelib.store.trust_repository import TrustRepository
    from tracelib.store.void_repository import VoidRepository


class UnitOfWork:
    """A transaction and its repositories. Made by :class:`Store`; not shared between threads."""

    def __init__(self, session: Session, operator: str = "") -> None:
        self.session = session
        self.operator = operator

    @cached_property
    def catalog(self) -> "CatalogRepository":
        """Parties, brands, products, grades, certifications, authorisations."""
        from tracelib.store.catalog_repository import CatalogRepository

        return CatalogRepository(self.session)

    @cached_property
    def catalog_history(self) -> "CatalogHistory":
        """What entries of the catalogue said before, and the whole of it on a day."""
        from tracelib.store.catalog_history import CatalogHistory

        return CatalogHistory(self.session, self.operator)

    @cached_property
    def trust(self) -> "TrustRepository":
        """Root sets, delegations, revocations, bundles."""
        from tracelib.store.trust_repository import TrustRepository

        return TrustRepository(self.session)

    @cached_property
    def batches(self) -> "BatchRepository":
        """Batches and their weight ledger."""
        from tracelib.store.batch_repository import BatchRepository

        return BatchRepository(self.session)

    @cached_property
    def lineage(self) -> "LineageRepository":
        """What was split, merged and re-packed into what."""
        from tracelib.store.lineage_repository import LineageRepository

        return LineageRepository(self.session, self.operator)

    @cached_property
    def mappings(self) -> "MappingRepository":
        """Saved mappings of header words."""
        from tracelib.store.mapping_repository import MappingRepository

        return MappingRepository(self.session, self.operator)

    @cached_property
    def codes(self) -> "CodeRepository":
        """Counters, ranges, manifests; what happened to single units; checks."""
        from tracelib.store.code_repository import CodeRepository

        return CodeRepository(self.session)

    @cached_property
    def voids(self) -> "VoidRepository":
        """Units that are void, and what replaced them."""
        from tracelib.store.void_repository import VoidRepository

        return VoidRepository(self.session, self.operator)

    @cached_property
    def events(self) -> "EventRepository":
        """EPCIS events, the objects that they name, the outbox."""
        from tracelib.store.event_repository import EventRepository

        return EventRepository(self.session)

    @cached_property
    def containment(self) -> "ContainmentRepository":
        """What lies in what, and when."""
        from tracelib.store.containment_repository import ContainmentRepository

        return ContainmentRepository(self.session)

    @cached_property
    def known(self) -> "KnownContainment":
        """What lies in what as a party can know it: by its own book, and for what it got by the books of others."""
        from tracelib.store.known_containment import KnownContainment

        return KnownContainment(self.session)

    @cached_property
    def trace(self) -> "TraceRepository":
        """What every party says of some objects."""
        from tracelib.store.trace_repository import TraceRepository

        return TraceRepository(self.session)

    @cached_property
    def scans(self) -> "ScanRepository":
        """Scans taken over from journals."""
        from tracelib.store.scan_repository import ScanRepository

        return ScanRepository(self.session)

    @cached_property
    def changes(self) -> "ChangeRepository":
        """The book of changes: who did what at the desk."""
        from tracelib.store.change_repository import ChangeRepository

        return ChangeRepository(self.session, self.operator)

    @cached_property
    def prints(self) -> "PrintRepository":
        """Print orders and the print log."""
        from tracelib.store.print_repository import PrintRepository

        return PrintRepository(self.session, self.operator)

    @cached_property
    def recalls(self) -> "RecallRepository":
        """Recalls and what was done about them."""
        from tracelib.store.recall_repository import RecallRepository

        return RecallRepository(self.session, self.operator)

    @cached_property
    def reach(self) -> "ReachRepository":
        """What a batch became and where it went."""
        from tracelib.store.reach_repository import ReachRepository

        return ReachRepository(self.session)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """What is written inside is undone if it raises; the transaction goes on (a savepoint)."""
        with self.session.begin_nested():
            yield

    def flush(self) -> None:
        """Send what is pending to the database within the transaction."""
        self.session.flush()


class Store:
    """A database that is open. One for a process; units of work of several threads may run at once.

    ``operator`` is the person who acts, as the book of changes names them; ``workspace`` is the id of the workspace
    that works, empty for none. ``before_writing`` raises where it may not be written any more. Books that were handed
    over are only read (``handed_over``).
    """

    def __init__(
        self,
        engine: Engine,
        operator: str = "",
        before_writing: Callable[[], None] | None = None,
        workspace: str = "",
    ) -> None:
        self.engine = engine
        self.operator = operator
        self.workspace = workspace
        self.before_writing = before_writing

    @classmethod
    def open(
        cls,
        url: str,
        *,
        check: bool = True,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        operator: str = "",
        before_writing: Callable[[], None] | None = None,
        workspace: str = "",
    ) -> Self:
        """Open a database whose schema is the program's (``check=False`` looks at nothing).

        Raises ``SchemaMissingError``, ``SchemaStaleError``, ``SchemaNewerError``, ``NoDatabaseError``,
        ``UnreachableError`` and the other leaves of ``tracelib.store.errors``. Nothing is created or upgraded.
        """
        engine = make_engine(url, busy_timeout_s=busy_timeout_s)
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            raise NoDatabaseError(database=name_of(engine.url))
        if check:
            migrate.check_schema(engine)
        return cls(engine, operator, before_writing, workspace)

    @classmethod
    def create_or_upgrade(cls, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S, operator: str = "") -> Self:
        """Open a database, making its tables or bringing them to the program's schema. A newer one is refused."""
        engine = make_engine(url, busy_timeout_s=busy_timeout_s)
        migrate.upgrade(engine)
        return cls(engine, operator)

    @staticmethod
    def holds_books(url: str) -> bool:
        """Whether our tables are in the database, of this version or an older one. Nothing is made.

        Raises ``UnreachableError``, ``SchemaNewerError``, ``DatabaseUrlError``, ``MissingExtraError``.
        """
        engine = make_engine(url)
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            return False
        found = migrate.refuse_newer(engine)
        engine.dispose()
        return found is not None

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @property
    def name(self) -> str:
        """The database as messages name it."""
        return name_of(self.engine.url)

    @contextmanager
    def unit_of_work(self, *, sealed: bool = False) -> Iterator[UnitOfWork]:
        """A write transaction: committed on a clean exit, rolled back on any exception.

        WorkspaceMovedError for books that were handed over, unless ``sealed``: for what seals or opens them.
        """
        with Session(self.engine.execution_options(**{WRITING: True})) as session, session.begin():
            session.connection()  # first the lock: whoever seals the workspace waits for it, and then it is seen
            if self.before_writing is not None:
                self.before_writing()
            if not sealed:
                require_mine(session, self.workspace)
            yield UnitOfWork(session, self.operator)

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """A consistent view of the database; nothing is written."""
        options = (
            {} if self.dialect == "sqlite" else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        with Session(self.engine.execution_options(**options)) as session:
            yield UnitOfWork(session, self.operator)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
