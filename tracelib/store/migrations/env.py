"""Run by alembic; the connection comes from ``tracelib.store.migrate``, there is no ini file."""

from alembic import context

from tracelib.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
