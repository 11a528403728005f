"""``tracelib batch map``: say once what the words in the header of somebody's spreadsheet mean."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.clock import wall_text
from tracelib.text import phrase
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.output import quoted

if TYPE_CHECKING:
    from tracelib.sheets.mapping import ColumnLook, SheetLook, SheetMapping

LOOK = "look"
"""What ``batch map FILE`` is within the group."""


class MapGroup(TranslatedGroup):
    """``batch map FILE …`` looks at a file; ``list``, ``show`` and ``remove`` are commands of their own."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """As it is written: a file and its options."""
        return ["FILE", "[OPTIONS]"]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options that go with a file, then the commands."""
        look = self.commands[LOOK]
        look.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``look`` before a file."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [LOOK, *args]
        return super().parse_args(ctx, args)


@click.group("map", cls=MapGroup)
def map_() -> None:
    """Say what the words in a spreadsheet's header mean, and save it: tracelib batch map FILE --name NAME

    Example: tracelib batch map harvest.xlsx --set "采摘数量=weight" --fix "party_id=GNQC" --unit 斤 --name 三号果园
    """


@map_.command(LOOK, hidden=True)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="Save the mapping under this name.")
@click.option("--set", "sets", multiple=True, metavar="HEADER=FIELD", help="What a header means; «ignore» for nothing.")
@click.option("--fix", "fixes", multiple=True, metavar="FIELD=VALUE", help="One value for the whole file.")
@click.option("--value", "values", multiple=True, metavar="FIELD:TEXT=VALUE", help="What a cell's text stands for.")
@click.option("--unit", default="", metavar="UNIT", help="Unit of the weights where the header names none: kg, 斤, 吨.")
@click.option("--year", type=click.IntRange(2000, 2099), help="Year of days that are written without one.")
@click.option("--party", metavar="ID", help="Save it for this party alone.")
@click.option("--sheet", metavar="NAME", help="Sheet to read, where a workbook has several.")
@answers
@pass_context
def look(context: Context, /, file: Path, name: str | None, party: str | None, **said: Any) -> None:  # noqa: ANN401
    """Look at a spreadsheet: which column is taken for what, and what is still missing. Save it with --name.

    Example: tracelib batch map harvest.xlsx --set "采摘数量=weight" --fix "party_id=GNQC" --unit 斤 --name 三号果园
    """
    from tracelib.operations.batches.map_sheet import is_read_by, look_at_sheet, save_mapping

    mapping = _said(**said)
    found = look_at_sheet(file, mapping, said["sheet"])
    if "party_id" in found.missing and (own := party or _party(context)):
        mapping = mapping.model_copy(update={"fixed": {"party_id": own, **mapping.fixed}})
        found = look_at_sheet(file, mapping, said["sheet"])
    if not context.out.json:
        _print_look(context, found, bool(name))
    made = None
    if name:
        scope = party or context.settings.text("party") or ""
        made = save_mapping(context.store, found, mapping, name, scope, context.clock.now())
    if context.out.json:
        context.out.value({**_as_dict(found), "saved": made and {"name": name, **made.model_dump()}})
    elif name:
        more = f" --sheet {quoted(said['sheet'])}" if said["sheet"] else ""
        text = phrase("Saved as «{name}». Files with this header are now read by it: tracelib batch register {file}")
        if scope and _party(context) not in (None, scope):
            more += f" --map {quoted(name)}"
            text = phrase(
                "Saved as «{name}» for party {party} alone. Name it, for the setting party is {own}: "
                "tracelib batch register {file}"
            )
        elif not is_read_by(context.store, file, said["sheet"], name, _party(context)):
            more += f" --map {quoted(name)}"
            text = phrase("Saved as «{name}». Name it, for another one fits too: tracelib batch register {file}")
        facts = {"name": name, "file": quoted(file), "party": scope, "own": _party(context)}
        context.out.line(context.say(text, **facts) + more)


@map_.command("list")
@answers
@pass_context
def list_(context: Context) -> None:
    """List saved mappings, those of every party.

    Example: tracelib batch map list
    """
    with context.store.reading() as uow:
        saved = uow.mappings.list()
    if context.out.json:
        rows = [{"name": m.name, "party": m.party_id, "saved_at": m.saved_at, "operator": m.operator} for m in saved]
        context.out.value({"mappings": rows})
        return
    if not saved:
        context.out.line(context.say("No mapping is saved. One is saved by: tracelib batch map FILE --name NAME"))
        return
    headers = [context.say(text) for text in ("Name", "Party", "When", "By")]
    rows_ = [(m.name, m.party_id, wall_text(m.saved_at), m.operator) for m in saved]
    context.out.table(headers, rows_)


@map_.command("show")
@click.argument("name")
@answers
@pass_context
def show(context: Context, name: str) -> None:
    """Show what a saved mapping says.

    Example: tracelib batch map show 三号果园
    """
    from tracelib.operations.batches.map_sheet import find_mapping
    from tracelib.sheets.mapping import SheetMapping

    with context.store.reading() as uow:
        saved = find_mapping(uow, name, _party(context))
    if context.out.json:
        context.out.value({"name": saved.name, "party": saved.party_id, **saved.content})
        return
    say, mapping = context.say, SheetMapping.model_validate(saved.content)
    rows = [(header, _field(context, key)) for header, key in mapping.words.items()]
    rows += [(say("every row: {value}", value=value), _field(context, key)) for key, value in mapping.fixed.items()]
    texts = [(text, key, value) for key, meant in mapping.values.items() for text, value in meant.items()]
    rows += [(say("cell: {value}", value=text), f"{value}, {_field(context, key)}") for text, key, value in texts]
    rows += [(mapping.unit, say("unit of the weights"))] if mapping.unit else []
    rows += [(str(mapping.year), say("year of the days"))] if mapping.year else []
    context.out.table([say("In the file"), say("Means")], rows, title=saved.name)


@map_.command("remove")
@click.argument("name")
@answers
@pass_context
def remove(context: Context, name: str) -> None:
    """Remove a saved mapping; batches that were registered with it stay.

    Example: tracelib batch map remove 三号果园
    """
    from tracelib.operations.batches.map_sheet import remove_mapping

    remove_mapping(context.store, name, _party(context), context.clock.now())
    if context.out.json:
        context.out.value({"removed": name})
    else:
        context.out.line(context.say("Mapping «{name}» is removed.", name=name))


def _said(sets: Sequence[str], fixes: Sequence[str], values: Sequence[str], unit: str, **more: Any) -> "SheetMapping":  # noqa: ANN401
    """What the options say, as a mapping. Raises MappingFieldError."""
    from tracelib.sheets.mapping import SheetMapping, field_named

    words = {header: field_named(field) for header, field in map(_pair, sets)}
    fixed = {field_named(field): value for field, value in map(_pair, fixes)}
    meant: dict[str, dict[str, str]] = {}
    for place, value in map(_pair, values):
        field, _, text = place.partition(":")
        meant.setdefault(field_named(field), {})[text.strip()] = value.strip()
    return SheetMapping(words=words, fixed=fixed, values=meant, unit=unit, year=more["year"])


def _party(context: Context) -> str | None:
    return context.settings.text("party") or None


def _pair(text: str) -> tuple[str, str]:
    left, equals, right = text.rpartition("=")
    if not equals:
        raise click.BadParameter(f"{text}: HEADER=FIELD")
    return left, right


def _field(context: Context, key: str) -> str:
    """A column key as people call it, with the key behind it."""
    from tracelib.sheets.batch_sheet import COLUMNS
    from tracelib.sheets.heading import UNIT_COLUMN
    from tracelib.sheets.mapping import field_name

    column = next((column for column in (*COLUMNS, UNIT_COLUMN) if column.key == key), None)
    if column is None:
        return context.say("not read")
    # a weight stands in whatever unit the header names: the (kg) of the template says nothing here
    words = context.say("Weight") if key == "weight_g" else column.header.pick(context.language)
    return f"{words} [{field_name(key)}]"


def _print_look(context: Context, found: "SheetLook", saving: bool) -> None:
    say = context.say
    headers = [say(text) for text in ("Column", "Header", "Cells", "Taken for")]
    rows = [(c.letter, c.header, " | ".join(c.samples), _taken_for(context, c, saving)) for c in found.columns]
    where = {"file": found.file, "sheet": found.sheet, "row": found.header.row}
    title = say("{file}, sheet «{sheet}», header in row {row}", **where)
    context.out.table(headers, rows, title=title)
    if found.needs_unit:
        context.out.line(say("The header names no unit of weight: say --unit, unless every cell names its own."))
    if found.missing and not saving:
        fields: Sequence[str] = [_field(context, key) for key in found.missing]
        text = phrase('Still missing: {fields}. Say --set "HEADER=field", or --fix "field=value" for the whole file.')
        context.out.line(say(text, fields=", ".join(fields)))
    elif not saving:
        context.out.line(say("Nothing is missing. Save it with --name NAME."))


def _taken_for(context: Context, column: "ColumnLook", saving: bool) -> str:
    if column.key is None and not saving:
        return context.say("? nearest: {field}", field=_field(context, column.nearest))
    text = _field(context, column.key or "")
    if column.key != "weight_g":
        return text
    from tracelib.batches.weight import UNITS

    unit = next((name for name, grams in UNITS.items() if grams == column.unit_g), None)
    return f"{text}, {unit or context.say('unit not named')}"


def _as_dict(found: "SheetLook") -> dict[str, object]:
    columns = [
        {"column": c.letter, "header": c.header, "cells": c.samples, "field": c.key, "nearest": c.nearest}
        for c in found.columns
    ]
    return {
        "file": found.file,
        "sheet": found.sheet,
        "header_row": found.header.row,
        "columns": columns,
        "missing": found.missing,
    }
