"""``tracelib label image`` and ``show``: one label as a file, in the terminal, or in the picture viewer."""

from pathlib import Path

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.labelling import Paper, content_of, font_of, on_paper, template_on


@click.command("image", cls=TranslatedCommand)
@click.argument("code")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File: .png, .svg, .zpl or .tspl.")
@on_paper("roll-60x40")
@click.option("--symbol", is_flag=True, help="The QR symbol alone, without text.")
@answers
@pass_context
def image(context: Context, code: str, out: Path, paper: Paper, *, symbol: bool) -> None:
    """Draw one label. Where the workspace does not know the code's batch, the QR symbol alone.

    Example: tracelib label image CODE --out label.png
    """
    from tracelib.codes.url import read_code
    from tracelib.labels.files import whole_file
    from tracelib.labels.picture import PICTURES, label_picture, require_ending, symbol_picture

    kind = require_ending(out, PICTURES)
    if paper.dpi is None and kind == ".png":
        paper = Paper(paper.template, "300")
    template, code = template_on(context, paper), code.strip()
    read_code(code)
    content = None if symbol else content_of(context, code)
    if content is None:
        data = symbol_picture(code, kind, template.dots_per_mm)
    else:
        data = label_picture(content, template, font_of(context, template), kind)
    with whole_file(out) as stream:
        stream.write(data)
    if context.out.json:
        context.out.value({"file": str(out), "shows": "label" if content else "symbol", "bytes": len(data)})
    elif content is None and not symbol:
        context.out.line(context.say("{file}: the symbol alone; the workspace does not know this batch.", file=out))
    else:
        context.out.line(context.say("{file} is written.", file=out))
