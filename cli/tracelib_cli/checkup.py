"""Checks of ``tracelib doctor`` that look into the workspace's database and settings; each says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracelib.clock import CHINA, wall_text
from tracelib.text import phrase
from tracelib_cli.context import Context

GOOD, CARE, BAD = "good", "care", "bad"
SOON = timedelta(days=30)
"""A delegation that ends within this time is spoken of."""

LATE, TOO_LATE = timedelta(hours=12), timedelta(hours=24)
"""Events that wait so long: half of the day that rules usually give, and all of it."""

BACKUP_EVERY = timedelta(days=7)
CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it stands (good, care, bad), what was found, what to do."""

    name: str
    state: str
    found: str
    remedy: str = ""


Check = Callable[[Context], Iterator[Finding]]


def operator(context: Context) -> Iterator[Finding]:
    """Whether the setting says who works here."""
    if context.settings.folder is None:
        return
    name = context.operator
    if context.settings.text("operator"):
        yield Finding(phrase("Operator"), GOOD, name)
    else:
        found = context.say("{name}, the machine's user", name=name)
        remedy = context.say("Changes are noted with this name; set yours: {command}", command=_SET_OPERATOR)
        yield Finding(phrase("Operator"), CARE, found, remedy)


_SET_OPERATOR = "tracelib config set operator NAME"


def database(context: Context) -> Iterator[Finding]:
    """Whether it opens, has the program's schema, and a SQLite file is whole and keeps its write-ahead log."""
    from tracelib.store.health import quick_look

    say = context.say
    faults = [answer for answer in quick_look(context.store) if not answer.ok]
    yield Finding(phrase("Database"), BAD if faults else GOOD, context.store.dialect)
    for fault in faults:
        found = f"{say(fault.name)}: {say(fault.template, **fault.params)}"
        yield Finding(phrase("Database"), BAD, found, say("Stop working with it. Restore a backup, or ask for help."))


def clock_against_store(context: Context) -> Iterator[Finding]:
    """A clock that is earlier than the newest entry was put back, or was wrong when that was written; one that is long
    after it may be ahead, and somebody has to say that it is right.
    """
    from tracelib.store.change_repository import CLOCK_RIGHT, LONGEST_PAUSE
    from tracelib.store.health import newest_entry

    newest = newest_entry(context.store)
    with context.store.reading() as uow:
        last, confirmed = uow.changes.list(limit=1), uow.changes.list(verb=CLOCK_RIGHT, limit=1)
    if newest is not None and confirmed and str(confirmed[0].detail["above"]) >= newest.isoformat():
        return
    if newest is not None and newest > context.clock.now() + CLOCKS_APART:
        found = context.say("earlier than the newest entry, of {time}", time=wall_text(newest))
        yield Finding(phrase("Clock"), BAD, found, context.say(_CLOCK_BEHIND))
        return
    now = context.clock.now()
    if last and now - last[0].at > LONGEST_PAUSE:
        found = context.say("{days} days after the last entry, of {time}", days=(now - last[0].at).days,
                            time=wall_text(last[0].at))  # fmt: skip
        yield Finding(phrase("Clock"), CARE, found, context.say(_CLOCK_AHEAD))


_CLOCK_BEHIND = phrase("Set the clock. If it is right and was ahead then: tracelib doctor --clock-is-right")
_CLOCK_AHEAD = phrase(
    "Until you say which, nothing is written: set the clock, or, if it is right and a new season begins: "
    "tracelib doctor --clock-is-right"
)


def delegations(context: Context) -> Iterator[Finding]:
    """Until when the keys that are here may be used."""
    from tracelib.operations.trust.ring import workspace_ring

    say, now = context.say, context.clock.now()
    names = {info.public.hash: info.name for info in context.keystore.list()}
    with context.store.reading() as uow:
        if uow.trust.root(context.settings.text("root")) is None:
            return
        ring = workspace_ring(uow, context.settings.text("root"), context.bundle_path())
    ends = {
        names[key_hash]: datetime.fromtimestamp(key.delegation.not_after, UTC)
        for key_hash, key in ring.keys().items()
        if key_hash in names
    }
    if not ends:
        yield Finding(phrase("Delegations"), CARE, say("none of the keys here"), "tracelib delegate request NAME")
        return
    for name, end in sorted(ends.items(), key=lambda item: item[1]):
        day = end.astimezone(CHINA).date()
        remedy = say("Ask for a new one: {command}", command="tracelib key new NAME, tracelib delegate request NAME")
        if end < now:
            yield Finding(phrase("Delegations"), BAD, say("«{name}» ended on {day}", name=name, day=day), remedy)
        elif end < now + SOON:
            yield Finding(phrase("Delegations"), CARE, say("«{name}» ends on {day}", name=name, day=day), remedy)
    if min(ends.values()) >= now + SOON:
        day = min(ends.values()).astimezone(CHINA).date()
        yield Finding(phrase("Delegations"), GOOD, say("valid until {day}", day=day))


def carried_keys(context: Context) -> Iterator[Finding]:
    """Key files that were neither made nor moved in here: somebody carried them, and they may be in use elsewhere."""
    with context.store.reading() as uow:
        known = uow.changes.values_of("key.new", "key")
        carried = []
        for info in context.keystore.list():
            root = uow.trust.root(info.root)
            if info.public.hash.hex() not in known and (root is None or info.public not in root.keys):
                carried.append(info.name)
    if carried:
        found = context.say("not made here: {names}", names=", ".join(carried))
        remedy = context.say(
            "Were these files carried here by hand? Two places with one key issue the same codes: use it in one only, "
            "put it aside here with tracelib key retire NAME, and make a key of your own."
        )
        yield Finding(phrase("Keys"), CARE, found, remedy)


def counters_in_books(context: Context) -> Iterator[Finding]:
    """Books that are older than the codes, after a restore: keys that issued since are refused, for ever."""
    from tracelib.store.health import compare_counters

    answer = compare_counters(context.store, context.settings.path("keys"))
    if not answer.ok:
        found = context.say(answer.template, **answer.params)
        remedy = context.say("Those keys issue nothing any more. A newer backup helps, else a new key: docs/backup.md")
        yield Finding(phrase("Counters"), CARE, found, remedy)


def unfinished(context: Context) -> Iterator[Finding]:
    """Ranges whose issue was cut off before its manifest."""
    with context.store.reading() as uow:
        ranges = uow.codes.all_pending()
    if ranges:
        lots = ", ".join(sorted({f"{r.party_id}/{r.product_id}/{r.lot}" for r in ranges}))
        remedy = context.say("Was an issue cut off? Give its command again; the codes stay the same.")
        yield Finding(phrase("Unfinished issues"), CARE, lots, remedy)


def backup(context: Context) -> Iterator[Finding]:
    """When the workspace was last backed up, where it has issued codes that could be lost."""
    from tracelib.store.handed_over import RESTORE

    with context.store.reading() as uow:
        if not uow.codes.all_counters():
            return
        made = uow.changes.list(verb="workspace.backup", limit=1)
        restored = uow.changes.list(verb=RESTORE, limit=1)
    command = "tracelib backup make FILE --keys"
    if restored and not (made and made[0].at > restored[0].at):
        created = datetime.fromisoformat(str(restored[0].detail["created"]))
        found = context.say("restored from the backup of {time}", time=wall_text(created))
        old = context.clock.now() - created > BACKUP_EVERY
        yield Finding(phrase("Backup"), CARE if old else GOOD, found, command if old else "")
        return
    if not made:
        yield Finding(phrase("Backup"), CARE, context.say("none was made yet"), command)
        return
    old = context.clock.now() - made[0].at > BACKUP_EVERY
    found = context.say("last made {time}", time=wall_text(made[0].at))
    yield Finding(phrase("Backup"), CARE if old else GOOD, found, command if old else "")


def outbox(context: Context) -> Iterator[Finding]:
    """Events that wait too long for the platform, or were refused; silent where no platform is set."""
    if not context.settings.text("sync.url"):
        return
    say, now = context.say, context.clock.now()
    with context.store.reading() as uow:
        queues = uow.events.outbox.queues()
    for queue in queues:
        waits = now - queue.oldest if queue.oldest else timedelta(0)
        state = BAD if waits > TOO_LATE else CARE if waits > LATE else GOOD
        found = say("{party}: {count} waiting", party=queue.party_id, count=queue.open)
        if queue.oldest and state != GOOD:
            found = say("{party}: {count} waiting since {time}", party=queue.party_id, count=queue.open,
                        time=wall_text(queue.oldest))  # fmt: skip
        if queue.last_reason and state != GOOD:
            found = f"{found} ({queue.last_reason})"
        yield Finding(phrase("Events to the platform"), state, found, "" if state == GOOD else "tracelib sync push")
        refused = queue.refused
        if refused:
            found = say("{party}: {count} refused", party=queue.party_id, count=refused)
            yield Finding(phrase("Events to the platform"), CARE, found, "tracelib sync status")
