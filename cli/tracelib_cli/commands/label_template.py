"""``tracelib label template``: the templates of labels, and the user's own."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.labelling import DPIS, TEMPLATES_FOLDER, templates_folder

if TYPE_CHECKING:
    from tracelib.labels.template import Template


@click.group("template", cls=TranslatedGroup)
def template() -> None:
    """Templates: paper and layout of labels as TOML files; your own in the workspace's folder templates.

    Example: tracelib label template new our-carton --like roll-100x50
    """


@template.command("list")
@answers
@pass_context
def list_(context: Context) -> None:
    """List the templates, with the size of a module of the symbol at each resolution.

    Example: tracelib label template list
    """
    from tracelib.labels.template_files import builtin_names, find_template, own_names

    folder = templates_folder(context)
    own = [name for name in own_names(folder) if name not in builtin_names()]
    found = [(find_template(name, folder), name in own) for name in (*builtin_names(), *own)]
    if context.out.json:
        context.out.value([{**_as_json(template), "own": is_own} for template, is_own in found])
        return
    say = context.say
    headers = (say("Template"), say("Label"), say("a page"), say("Printer"), *(f"{dpi} dpi" for dpi in DPIS), "")
    rows = [
        (
            template.name,
            f"{template.label[0]:g} × {template.label[1]:g} mm",
            template.per_page,
            f"{say(template.printer)}, {template.dpi} dpi",
            *(_module(template, int(dpi)) for dpi in DPIS),
            template.title.zh if context.language == "zh" or not template.title.en else template.title.en,
        )
        for template, _ in found
    ]
    context.out.table(headers, rows, say("Module of a version-8 symbol, in millimetres"))


@template.command("show")
@click.argument("name")
@answers
@pass_context
def show(context: Context, name: str) -> None:
    """Show a template's file.

    Example: tracelib label template show a4-24
    """
    from tracelib.labels.template_files import find_template, template_text

    folder = templates_folder(context)
    if context.out.json:
        context.out.value(_as_json(find_template(name, folder)))
    else:
        context.out.line(template_text(name, folder).rstrip("\n"))


@template.command("new")
@click.argument("name")
@click.option("--like", default="a4-24", show_default=True, metavar="NAME", help="Template to begin with.")
@answers
@pass_context
def new(context: Context, name: str, like: str) -> None:
    """Copy a template into the workspace's folder templates, for you to change.

    Example: tracelib label template new our-carton --like roll-100x50
    """
    from tracelib.labels.template_files import new_template

    path = new_template(name, like, context.settings.workspace / TEMPLATES_FOLDER)
    if context.out.json:
        context.out.value({"file": str(path), "name": name})
        return
    context.out.line(context.say("{file} is written. Change it, then: tracelib label template check {file}", file=path))


@template.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@answers
@pass_context
def check(context: Context, file: Path) -> None:
    """Check a template's file: every fault with its key and what was expected.

    Example: tracelib label template check templates/our-carton.toml
    """
    from tracelib.labels.template_files import load_template

    template = load_template(file)
    if context.out.json:
        context.out.value(_as_json(template))
        return
    sizes = ", ".join(f"{dpi} dpi: {_module(template, int(dpi))} mm" for dpi in DPIS)
    context.out.line(
        context.say("{name} is a good template. Module of a version-8 symbol: {sizes}", name=template.name, sizes=sizes)
    )


def _as_json(template: "Template") -> dict[str, object]:
    return template.model_dump(mode="json") | {
        "per_page": template.per_page,
        "module_mm": {dpi: _module(template, int(dpi)) for dpi in DPIS},
    }


def _module(template: "Template", dpi: int) -> str:
    """The module of a version-8 symbol in millimetres; a dash where it would be too small."""
    from tracelib.errors import RuleError
    from tracelib.labels.symbol import LABEL_VERSIONS, modules_of

    try:
        paper = template.at(dpi)
        return f"{paper.require_module(modules_of(LABEL_VERSIONS[0])) / paper.dots_per_mm:.2f}"
    except RuleError:
        return "–"
