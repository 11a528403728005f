"""``tracelib grade``: the grade list of a product, append-only."""

import click

from tracelib_cli import catalogue
from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Grades of a product. The list is append-only: printed codes carry the numbers.

    Example: tracelib grade list QC5KG
    """


@command.command("add")
@click.argument("product", metavar="[PARTY/]PRODUCT")
@catalogue.name_options
@click.option("--number", metavar="N", help="Number from 1 to 15; if left out, the next one.")
@answers
@pass_context
def add(context: Context, product: str, number: str | None, name_zh: str, name_en: str | None) -> None:
    """Append a grade to a product's list.

    Example: tracelib grade add QC5KG --name-zh 特等 --name-en Extra
    """
    from tracelib.catalog.grade import Grade
    from tracelib.operations.catalog.entries import find_product, next_grade_number

    fields = catalogue.given_fields({"number": number})
    with context.store.reading() as uow:
        found = find_product(uow, product, context.settings.text("party"))
        if not fields:
            fields = {"number": next_grade_number(uow, found.party_id, found.id, name_zh)}
    grade = Grade(party_id=found.party_id, product_id=found.id, name_zh=name_zh, name_en=name_en or "", **fields)
    catalogue.add(context, grade, f"{grade.party_id}/{grade.product_id} {grade.number} {grade.name_zh}")


@command.command("list")
@click.argument("product", metavar="[PARTY/]PRODUCT", required=False)
@answers
@pass_context
def list_grades(context: Context, product: str | None) -> None:
    """List the grades, of one product or of all.

    Example: tracelib grade list QC5KG --json
    """
    from tracelib.operations.catalog.entries import find_product

    default = context.settings.text("party")
    with context.store.reading() as uow:
        products = [find_product(uow, product, default)] if product else uow.catalog.products(default or None)
        grades = [grade for each in products for grade in uow.catalog.grades(each.party_id, each.id)]
    values = [catalogue.described(grade) for grade in grades]
    fields = ("party_id", "product_id", "number", "name_zh", "name_en")
    catalogue.show_all(context, values, fields, "tracelib grade add")


@command.command("show")
@click.argument("product", metavar="[PARTY/]PRODUCT")
@answers
@pass_context
def show(context: Context, product: str) -> None:
    """Show a product's grade list and its hash, which manifests carry.

    Example: tracelib grade show COOP1/QC5KG
    """
    from tracelib.catalog.grade import grade_list_hash
    from tracelib.operations.catalog.entries import find_product

    with context.store.reading() as uow:
        found = find_product(uow, product, context.settings.text("party"))
        grades = uow.catalog.grades(found.party_id, found.id)
    digest = grade_list_hash(grades).hex()
    if context.out.json:
        listed = [{"number": grade.number, "name_zh": grade.name_zh, "name_en": grade.name_en} for grade in grades]
        identity = {"party_id": found.party_id, "product_id": found.id}
        context.out.value({**identity, "grades": listed, "grade_list_hash": digest})
        return
    values = [catalogue.described(grade) for grade in grades]
    catalogue.show_all(context, values, ("number", "name_zh", "name_en"), "tracelib grade add")
    context.out.line(context.say("Grade list hash: {digest}", digest=digest))
