"""``tracelib changes``: the book of changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tracelib.clock import CHINA, wall_text
from tracelib.text import translator
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.store.change_repository import Change

SHORT = 12
"""Hex digits that are shown of a hash; --json has all."""

UNREAD = ("sha256", "events", "from", "to", "opened")
"""Details for programs; nobody reads them in a table."""


@click.command(cls=TranslatedCommand)
@click.option("--party", metavar="ID", help="Only changes of this party.")
@click.option("--subject", metavar="TEXT", help="Only changes of this one thing, as the list names it.")
@click.option("--verb", metavar="WORD", help="Only this kind of change: batch.register, or all of a room: batch.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only changes from this day on.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Show at most so many.")
@answers
@pass_context
def command(
    context: Context, party: str | None, subject: str | None, verb: str | None, since: datetime | None, limit: int
) -> None:
    """List who changed what, when and why, the newest first. Nothing is ever taken out of this book.

    Example: tracelib changes --since 2026-11-01
    """
    first = since.replace(tzinfo=CHINA) if since else None
    with context.store.reading() as uow:
        found = uow.changes.list(party, subject, verb, limit + 1, since=first)
    shown = found[:limit]
    if context.out.json:
        context.out.value({"changes": [_json(change) for change in shown], "more": len(found) > limit})
        return
    say = context.say
    if not shown:
        context.out.line(say("No change is noted."))
        return
    rows = [
        (
            wall_text(change.at),
            change.operator,
            verb_in_words(context, change.verb),
            _subject(change),
            why_in_words(context, change),
        )
        for change in shown
    ]
    context.out.table([say("When"), say("Who"), say("What"), say("Of what"), say("Why and how much")], rows)
    if len(found) > limit:
        context.out.line(say("There are more; raise --limit or name a day with --since."))


def verb_in_words(context: Context, verb: str) -> str:
    """A verb of the book as people say it."""
    return translator(context.language)("verb", verb.replace(".", " ").replace("_", " "))


def why_in_words(context: Context, change: "Change") -> str:
    """The reason, and the figures with their names in the reader's language where there is a word."""
    translate = translator(context.language)
    parts = [context.say(change.reason)] if change.reason else []
    for name, value in change.detail.items():
        if name not in UNREAD and value not in (None, [], {}, "", False):
            word = "" if value is True else f" {_word(value)}"
            kind, slash, roll = name.replace("_", " ").partition("/")  # a matter of one roll: balance/3
            parts.append(f"{translate('detail', kind)}{slash}{roll}{word}")
    return "; ".join(parts)


def _subject(change: "Change") -> str:
    """The party and the thing, where the thing does not begin with its party."""
    named = _short(change.subject)
    return named if change.subject.startswith(change.party_id) else f"{change.party_id} {named}"


def _word(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_word(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return _short(str(value))


def _short(text: str) -> str:
    """A hash by its first digits: enough to tell it from others."""
    is_hash = len(text) == 64 and set(text) <= set("0123456789abcdef")
    return f"{text[:SHORT]}…" if is_hash else text


def _json(change: "Change") -> dict[str, object]:
    return {name: getattr(change, name) for name in ("at", "operator", "verb", "party_id", "subject", "reason")} | {
        "detail": dict(change.detail)
    }
