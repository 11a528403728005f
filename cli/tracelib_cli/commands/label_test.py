"""``tracelib label test``: a sheet to try a printer with."""

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.labelling import Output, Paper, destination_of, font_of, on_paper, template_on, to_output


@click.command("test", cls=TranslatedCommand)
@on_paper("a4-24")
@to_output
@answers
@pass_context
def test(context: Context, paper: Paper, output: Output) -> None:
    """Print a test sheet: the same code in several sizes, fine lines, a ruler. Its codes are those of no product.

    Photograph or scan it and ask tracelib label check which ones read. Sizes with * are smaller than labels use.

    Example: tracelib label test --template a4-24 --out test.pdf
    """
    from tracelib.labels.trial import draw_trial_pages, places, put_out_pages, sheet_for

    destination, kind = destination_of(context, output)
    template = template_on(context, paper)
    sheet = sheet_for(template)
    pages = draw_trial_pages(template, font_of(context, template), context.settings.text("host"))
    codes = len(places(sheet))
    printed = put_out_pages(pages, destination, kind, f"TEST {template.name} {template.dpi}")
    if context.out.json:
        sizes = [{"dots": dots, "mm": round(dots / sheet.dots_per_mm, 3)} for dots in sheet.sizes]
        file = str(printed.path or destination)
        context.out.value({"file": file, "codes": codes, "pages": len(pages), "dpi": sheet.dpi, "sizes": sizes})
        return
    say = context.say
    place = printed.path or destination
    context.out.line(say("{file}: {count} codes on {pages} pages.", file=place, count=codes, pages=len(pages)))
    context.out.line(say("Print it at 100 %, photograph or scan it, then: tracelib label check PICTURE"))
