"""A history as a tree on the terminal: where it came from, what happened, where it went."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from tracelib.clock import wall_text
from tracelib.trace.route.groups import Group, concerns, groups_of
from tracelib.trace.route.history import Kind, Passing
from tracelib.trace.vocab import BizStep
from tracelib_cli.output import on_one_line
from tracelib_cli.trace_words import called, remark_text, short, step_word, weight

if TYPE_CHECKING:
    from tracelib.operations.trace.names import Names
    from tracelib.trace.route.history import History, Link, Stop
    from tracelib_cli.context import Context

MOST_BRANCHES = 12
"""Branches of one kind below a thing; the rest are counted."""
DEEPEST = 40
AWAY = frozenset({"shipping", "departing", "transporting"})
"""Steps after which goods are at no place."""


class TraceTree:
    """Grows the tree of one history."""

    def __init__(self, context: "Context", history: "History", names: "Names") -> None:
        self._context = context
        self._history = history
        self._names = names
        self._groups = groups_of(history)
        self._opened: set[object] = set()
        """Lots and units whose branches were drawn, on either side."""
        self._into: dict[str, list[Link]] = defaultdict(list)
        self._out_of: dict[str, list[Link]] = defaultdict(list)
        self._stops: dict[str, list[Stop]] = defaultdict(list)
        for link in history.links:
            self._into[link.target].append(link)
            self._out_of[link.source].append(link)
        for stop in history.stops:
            self._stops[stop.thing].append(stop)

    def grown(self, back: bool, forward: bool) -> Tree:
        """The whole tree; ``back`` and ``forward``: which sides were asked for."""
        say, start = self._context.say, self._history.start
        tree = Tree(self._line(called(self._context, self._history.things[start], self._names), "bold"))
        self._add_remarks(tree, start)
        if self._history.place:
            tree.add(self._line(self._last_seen(self._history.place.stop), "green"))
        sections = []
        if back:
            sections.append(tree.add(Text(say("Where it came from"), style="bold")))
            self._grow_back(sections[-1], start, {start})
        sections.append(tree.add(Text(say("What happened to it"), style="bold")))
        for one in self._history.journey:
            sections[-1].add(self._line(self._told(one.stop, one.carried_by)))
        if forward:
            sections.append(tree.add(Text(say("Where it went"), style="bold")))
            self._grow_forward(sections[-1], start, {start})
        for section in sections:
            if not section.children:
                section.add(Text(say("nothing is known")))
        return tree

    def _last_seen(self, stop: "Stop") -> str:
        """Where the start is as far as anybody said: at a place, or on the way to one."""
        at, to = wall_text(stop.at), stop.parties[1]
        if stop.step in AWAY:
            return self._context.say(
                "On the way to {place} since {at}", place=self._names.place(to) if to else "?", at=at
            )
        return self._context.say("Last seen {at}: {place}", at=at, place=self._names.place(stop.place or to))

    def _grow_back(self, tree: Tree, name: str, seen: set[str]) -> None:
        links = [link for link in self._into[name] if link.source in self._history.back]
        if not links:  # a unit without a lot has that of what it was packed in first
            packed = [link for link in self._out_of[name] if link.passing is Passing.PACKED]
            links = [link for link in packed[:1] if link.target in self._history.back]
        self._grow(tree, name, links, seen, self._grow_back)

    def _grow_forward(self, tree: Tree, name: str, seen: set[str]) -> None:
        links = [link for link in self._out_of[name] if link.target in self._history.forward]
        inside = [link for link in self._into[name] if link.passing is Passing.PACKED and link.source not in seen]
        if len(seen) == 1 or self._history.things[name].kind is not Kind.LOGISTIC_UNIT:
            links += [link for link in inside if link.source in self._history.forward]
        self._grow(tree, name, links, seen, self._grow_forward)

    def _grow(
        self,
        tree: Tree,
        name: str,
        links: "Sequence[Link]",
        seen: set[str],
        onward: Callable[[Tree, str, set[str]], None],
    ) -> None:
        """A branch for what lies at the other end of each link, and its own branches below it."""
        branches: dict[tuple[str, Passing], list[Link]] = defaultdict(list)
        for link in links:
            far = link.source if link.target == name else link.target
            if far in seen:
                continue
            branches[self._groups[far].first, link.passing].append(link)
        for (far, _), together in list(branches.items())[:MOST_BRANCHES]:
            branch = tree.add(self._line(self._passed(together, self._groups[far])))
            self._add_remarks(branch, far)
            if (onward, far) in self._opened or len(seen) >= DEEPEST:
                branch.add(Text(self._context.say("as above")))
                continue
            kind = self._history.things[far].kind
            if kind is Kind.LOT or onward == self._grow_forward:
                self._add_stops(branch, far, together[0])
            if kind is not Kind.LOGISTIC_UNIT:
                self._opened.add((onward, far))
            onward(branch, far, seen | {far})
        if len(branches) > MOST_BRANCHES:
            tree.add(Text(self._context.say("… and {count} more", count=len(branches) - MOST_BRANCHES)))

    def _passed(self, links: "Sequence[Link]", far: Group) -> str:
        """How goods passed: the things on the other side, when, how much."""
        say, link = self._context.say, links[0]
        times = dict.fromkeys(wall_text(one.at) for one in (links[0], links[-1]))
        when = " – ".join(times)
        if link.passing is Passing.PACKED:
            since = wall_text(link.at)
            still = say("since {since}, still there", since=since)
            when = say("from {since} to {until}", since=since, until=wall_text(link.until)) if link.until else still
        if len(far.things) > 1:
            text = "{count} units, {first} … {last}"
            name = say(text, count=len(far.things), first=short(far.first), last=short(far.things[-1]))
            return "  ".join(part for part in (name, weight(far.weight_g), when) if part)
        thing = self._history.things[far.first]
        grams = "" if link.weight_g == thing.weight_g else weight(link.weight_g)
        return "  ".join(part for part in (called(self._context, thing, self._names), when, grams) if part)

    def _add_stops(self, branch: Tree, name: str, link: "Link") -> None:
        for stop in self._stops[name]:
            inside = link.passing is Passing.PACKED and link.target == name
            if stop.event_id not in (link.event_id, link.ended_by) and (not inside or concerns(stop, link)):
                branch.add(self._line(self._told(stop, "")))

    def _add_remarks(self, branch: Tree, name: str) -> None:
        remarks = self._history.things[name].remarks
        for text in dict.fromkeys(remark_text(self._context, remark) for remark in remarks):
            branch.add(self._line(f"! {text}", "bold red"))

    def _told(self, stop: "Stop", carried_by: str) -> str:
        """A stop in one line: when, what, where, who."""
        thing = self._history.things.get(stop.thing)
        parts = [wall_text(stop.at), step_word(self._context, stop, thing.kind if thing else None)]
        if carried_by:
            words = "of {unit}" if stop.step == BizStep.UNPACKING else "in {unit}"
            parts.append(self._context.say(words, unit=short(carried_by)))
        if any(stop.parties):
            parts.append(" → ".join(self._names.place(uri) if uri else "?" for uri in stop.parties))
        elif stop.place:
            parts.append(self._names.place(stop.place))
        if stop.weight_g:
            parts.append(weight(stop.weight_g))
        teller, told = self._names.party(stop.said_by), "  ".join(parts)
        return told if teller in told else f"{told}  ({teller})"

    def _line(self, text: str, style: str = "") -> Text:
        return Text(on_one_line(text), style=style)
