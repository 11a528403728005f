"""What the commands of the catalogue share: days and numbers as options, entries as words and as JSON."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracelib_cli.context import Context

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tracelib.catalog.fields import ValidityFields
    from tracelib.catalog.snapshot import Entry
    from tracelib.store.unit_of_work import UnitOfWork

C = TypeVar("C", bound=Callable[..., Any])
E = TypeVar("E", bound="Entry")

DAYS = ("valid_from", "valid_to")
LABELS = {
    "id": "Id",
    "party_id": "Party",
    "brand_id": "Brand",
    "product_id": "Product",
    "product_ids": "Products",
    "owner": "Owner",
    "name_zh": "Chinese name",
    "name_en": "English name",
    "uscc": "统一社会信用代码",
    "gln": "GLN",
    "gtin": "GTIN",
    "gtin_licensed": "GTIN licensed",
    "division": "Division",
    "division_name": "Division name",
    "description_zh": "Description in Chinese",
    "description_en": "Description in English",
    "picture": "Picture",
    "address": "Address",
    "contact": "Contact",
    "hosts": "Hosts",
    "weight_g": "Net g a carton",
    "pack_size": "Cartons a pallet",
    "production": "Production",
    "number": "Number",
    "kind": "Kind",
    "issuer": "Issuer",
    "max_kg": "At most, in kg",
    "valid_from": "Valid from",
    "valid_to": "Valid to",
    "state": "State",
    "party": "Party",
    "brand": "Brand",
    "product": "Product",
    "grade": "Grade",
    "certification": "Certification",
    "authorization": "Authorisation",
    "grade_list_hash": "Grade list hash",
    "valid": "valid",
    "expired": "expired",
    "not_yet_valid": "not yet valid",
    "yes": "yes",
    "no": "no",
    "green_food": "green food",
    "organic": "organic",
    "geographical_indication": "geographical indication",
    "pollution_free": "pollution-free",
    "trademark": "trademark",
    "production_licence": "production licence (SC)",
    "management_system": "management system",
    "other": "other",
}
"""English words for fields and values; each is a phrase with a translation."""


def validity_options(function: C) -> C:
    """Options --valid-from and --valid-to."""
    last = click.option("--valid-to", metavar="DAY", help="Last day of validity, like 2026-11-01; open if left out.")
    first = click.option(
        "--valid-from", metavar="DAY", help="First day of validity, like 2026-11-01; open if left out."
    )
    return first(last(function))


def name_options(function: C) -> C:
    """Options --name-zh and --name-en."""
    english = click.option("--name-en", metavar="TEXT", help="English name.")
    chinese = click.option("--name-zh", metavar="TEXT", required=True, help="Chinese name.")
    return chinese(english(function))


def party_option(function: C) -> C:
    """Option --party, which defaults to the setting."""
    option = click.option("--party", metavar="ID", help="The party; if left out, the setting party.")
    return option(function)


def shown_options(function: C) -> C:
    """Options --description-zh, --description-en and --picture."""
    picture = click.option("--picture", metavar="FILE", help="Name of its picture in the folder pictures/.")
    english = click.option("--description-en", metavar="TEXT", help="One line about it in English.")
    chinese = click.option("--description-zh", metavar="TEXT", help="One line about it in Chinese.")
    return chinese(english(picture(function)))


def on_option(function: C) -> C:
    """Option --on."""
    return click.option("--on", metavar="DAY", help="As it was on this day, like 2026-11-01; today if left out.")(
        function
    )


def day_or_today(context: Context, on: str | None) -> date:
    """The day of --on, else today."""
    return parse_day_option(on) if on else today(context)


def parse_day_option(on: str) -> date:
    """The day that --on names."""
    from tracelib.catalog.fields import parse_day

    return parse_day(on, "--on")


def version_on(uow: "UnitOfWork", entry: E, on: str | None) -> E:
    """What an entry said on the day of --on; what it says now without that option."""
    from tracelib.operations.catalog.entries import entry_on

    if on is None:
        return entry
    found: E = entry_on(uow, entry, parse_day_option(on))
    return found


def given_fields(options: Mapping[str, object]) -> dict[str, Any]:
    """Options that were given, as fields: days and whole numbers read strictly, full-width digits refused by name."""
    from tracelib.catalog.fields import parse_day
    from tracelib.identifiers.digits import parse_whole_number

    fields: dict[str, Any] = {}
    for name, value in options.items():
        if value is None:
            continue
        option = "--" + name.replace("_", "-")
        if name in DAYS:
            fields[name] = parse_day(str(value), option)
        elif name in ("weight_g", "pack_size", "max_kg", "number"):
            fields[name] = parse_whole_number(str(value), option)
        else:
            fields[name] = value
    return fields


def add(context: Context, entry: "Entry", identity: str) -> None:
    """Record an entry and say whether it is new."""
    from tracelib.operations.catalog.entries import add_entry

    with context.store.unit_of_work() as uow:
        added = add_entry(uow, entry, context.clock.now())
    if context.out.json:
        context.out.value(described(entry, added=added))
    elif added:
        context.out.line(context.say("{id} is recorded.", id=identity))
    else:
        context.out.line(
            context.say("{id} was recorded before, with the same content. Nothing was written.", id=identity)
        )


def today(context: Context) -> date:
    """The calendar date in China, by which validity is judged."""
    from tracelib.clock import CHINA

    return context.clock.now().astimezone(CHINA).date()


def state_on(entry: "ValidityFields", day: date) -> str:
    """The state of an entry on a day: valid, expired or not_yet_valid."""
    if entry.holds_on(day):
        return "valid"
    return "expired" if entry.valid_to is not None and entry.valid_to < day else "not_yet_valid"


def described(entry: "BaseModel", **more: object) -> dict[str, object]:
    """An entry as plain JSON values, its days of validity behind the rest, and what else is known about it."""
    values: dict[str, object] = entry.model_dump(mode="json")
    for name in DAYS:
        if name in values:
            values[name] = values.pop(name)
    return {**values, **more}


def show(context: Context, values: Mapping[str, object]) -> None:
    """One entry: JSON, or one line for each field."""
    if context.out.json:
        context.out.value(values)
        return
    say = context.say
    rows = [(say(LABELS[name]), _word(context, name, value)) for name, value in values.items()]
    context.out.table([say("Field"), say("Value")], [row for row in rows if row[1]])


def show_all(context: Context, entries: Iterable[Mapping[str, object]], fields: Sequence[str], add_with: str) -> None:
    """Many entries: JSON, or a table of some fields; ``add_with`` names the command that adds the first one."""
    values = list(entries)
    if context.out.json:
        context.out.value(values)
        return
    say = context.say
    if not values:
        context.out.line(say("Nothing is recorded yet. Add with: {command}", command=add_with))
        return
    rows = [[_word(context, name, value[name]) for name in fields] for value in values]
    context.out.table([say(LABELS[name]) for name in fields], rows)


def _word(context: Context, name: str, value: object) -> str:
    if isinstance(value, bool):
        return context.say(LABELS["yes" if value else "no"])
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name in ("kind", "state"):
        return context.say(LABELS[str(value)])
    return "" if value is None else str(value)
