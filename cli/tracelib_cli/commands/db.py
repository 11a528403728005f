"""``tracelib db``: the database's tables and its health."""

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.lost_books import refuse_lost_books


@click.group(cls=TranslatedGroup)
def command() -> None:
    """The database: make or upgrade its tables, check it.

    Example: tracelib db check
    """


@command.command("upgrade")
@click.option("--anew", is_flag=True, help="Make empty books although codes were issued here: there is no backup.")
@answers
@pass_context
def upgrade(context: Context, anew: bool) -> None:
    """Make the tables, or bring those of an older version to this one; make a backup before.

    Also where the workspace was handed over: it says nothing else than before, and can be read by this version. Where
    the books are lost and codes were issued, a backup is wanted: tracelib restore FILE

    Example: tracelib db upgrade
    """
    from tracelib.store import migrate
    from tracelib.store.counter_guard import is_moved
    from tracelib.store.engine import make_engine, name_of

    if not anew:
        refuse_lost_books(context.settings)
    engine = make_engine(context.settings.database_url())
    before, after = migrate.upgrade(engine)
    name = name_of(engine.url)
    engine.dispose()
    if before != after and not is_moved(context.settings.path("keys")):
        with context.store.unit_of_work() as uow:
            uow.changes.add("db.upgrade", after, context.clock.now(), detail={"before": before})
    if context.out.json:
        context.out.value({"database": name, "before": before, "after": after, "changed": before != after})
    elif before == after:
        context.out.line(context.say("{database} is at revision {revision} already.", database=name, revision=after))
    else:
        context.out.line(context.say("{database} is now at revision {revision}.", database=name, revision=after))


@command.command("check")
@answers
@pass_context
def check(context: Context) -> int:
    """Check schema, integrity, references, and the counters against the guard beside the keys.

    Example: tracelib db check --json
    """
    from tracelib.store.health import examine
    from tracelib_cli.errors import OK, STORE

    found = examine(context.store, context.settings.path("keys"))
    if context.out.json:
        context.out.value([{"name": answer.name, "ok": answer.ok, "found": answer.found} for answer in found])
    else:
        say = context.say
        rows = [
            (say(answer.name), say("good") if answer.ok else say("FAULT"), say(answer.template, **answer.params))
            for answer in found
        ]
        context.out.table([say("Question"), say("Answer"), say("Found")], rows, title=context.store.name)
    return OK if all(answer.ok for answer in found) else STORE
