"""``tracelib label check``: a reading report of photographed or scanned labels."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.text import phrase
from tracelib_cli import errors
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracelib.codes.verify import Inspection
    from tracelib_cli.reading import Fault, Reading, Report


LEAST_SLANT = 8
"""Degrees; the cosine of a smaller angle drowns in the rounding of pixels."""

ONLY_FOUND = phrase(
    "Good as far as it is seen: every code that was found reads. How many there should be, only --codes FILE tells."
)
FEW_PX = 2.5
"""Pixels a module below which readers miss codes (barcode reference: 1.6 px is the edge)."""
MOST_NAMED = 12
"""Of codes that do not read so many are named to people."""

LONGEST_NAME = 22
"""Characters of a code in the table: serials and SSCCs fit; a foreign code may be an address."""

FAULTS: "dict[Fault, str]" = {
    "inverted": phrase("No. {numbers}: light and dark are swapped. Print dark on light; turn «invert» off."),
    "mirrored": phrase("No. {numbers}: mirror image. Turn «mirror» off at the printer, scanner or camera."),
    "contrast": phrase(
        "No. {numbers}: contrast F: too pale. Print darker, clean the head, use white paper, take photos in good light."
    ),
    "module": phrase("No. {numbers}: modules below 0.33 mm. Print at 100 %, or take a larger template."),
}
"""What is told of each fault of a code."""


@click.command("check", cls=TranslatedCommand)
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--codes", type=click.Path(path_type=Path), metavar="FILE", help="The codes that should be there.")
@click.option("--dpi", type=click.FloatRange(50, 9600), help="Dots an inch of a scan; a scanner's file says it itself.")
@click.option("--out", type=click.Path(path_type=Path), help="PNG to write: the picture with a frame around each code.")
@answers
@pass_context
def check(context: Context, pictures: tuple[Path, ...], codes: Path | None, dpi: float | None, out: Path | None) -> int:
    """Say which codes of photographed or scanned labels read, at what size, contrast, tilt and blur.

    A test sheet (tracelib label test) says itself what should be on it; in a workspace the codes of labels are verified
    too. The measures are estimates: a camera gives grey values, not reflectance. Exit status 4 if a code does not read
    or is not accepted, if its contrast is graded F, its modules are below 0.33 mm or light and dark are exchanged, and
    if nothing is found; sizes with * need not read.

    Example: tracelib label check photo.jpg --out report.png
    """
    from tracelib.labels.code_list import read_code_list
    from tracelib.labels.picture import require_ending
    from tracelib_cli.reading import check_pictures

    if out is not None:
        require_ending(out, (".png",))
        if len(pictures) > 1:
            raise click.UsageError(context.say("--out takes one picture at a time."))
    expected = list(read_code_list(codes)) if codes is not None else []
    report = check_pictures(pictures, expected, dpi)
    verdicts = _verdicts(context, report)
    if out is not None:
        write_picture(pictures[0], out, report)
    if context.out.json:
        context.out.value(_as_json(report, verdicts))
    else:
        _tell(context, report, verdicts, knows_all=codes is not None)
        if out is not None:
            context.out.line(context.say("{file} is written.", file=out))
    return errors.OK if _is_good(report, verdicts) else errors.VERIFICATION


def _verdicts(context: Context, report: "Report") -> "dict[str, Inspection]":
    """What verification says of each code of a label; nothing outside a workspace with a bundle."""
    if context.settings.folder is None or not context.bundle_path().is_file():
        return {}
    from tracelib_cli.commands.code_verify import verifier_for

    texts = [r.text for r in report.readings if r.text is not None and r.nominal_mm is None]
    with verifier_for(context) as verifier:
        return {text: verifier.inspect(text, context.clock.now()) for text in texts}


def write_picture(picture: Path, out: Path, report: "Report") -> None:
    """Write the picture as PNG with a frame around each code: green where it is good, else red."""
    from tracelib.labels.files import whole_file
    from tracelib_scanner.decoders.opencv import annotated, read_image

    read = [(n, r) for n, r in enumerate(report.readings, 1) if r.corners and r.text is not None]
    marks = [(r.corners, str(n), not r.faults) for n, r in read]
    marks += [(r.corners, "?", False) for r in report.unread]
    marks += [(m.corners, m.name, False) for m in report.missing if m.corners and m.must_read]
    data = annotated(read_image(picture), marks)
    with whole_file(out) as stream:
        stream.write(data)


def _as_json(report: "Report", verdicts: "dict[str, Inspection]") -> dict[str, object]:
    return {
        "good": report.good,
        "codes": [
            _reading_as_json(n, reading, verdicts.get(reading.text or ""))
            for n, reading in enumerate(report.readings, 1)
        ],
        "missing": [
            {"name": one.name, "must_read": one.must_read, "corners": [list(corner) for corner in one.corners]}
            for one in report.missing
        ],
        "other": list(report.other),
        "blank": [str(path) for path in report.blank],
        "scale": report.scale,
        "axes": report.axes and list(report.axes),
        "faults": [*report.faults, *(["scale"] if report.is_scaled else [])],
    }


def _reading_as_json(number: int, reading: "Reading", verdict: "Inspection | None") -> dict[str, object]:
    quality = reading.quality
    measured = quality and {
        "module_px": quality.module_px,
        "contrast": quality.contrast,
        "grade": quality.grade,
        "rotation": quality.rotation,
        "slant": quality.slant,
        "blur": quality.blur,
        "wrong": quality.wrong,
        "inverted": quality.inverted,
        "mirrored": quality.mirrored,
    }
    return {
        "number": number,
        "picture": str(reading.picture),
        "read": reading.text is not None,
        "text": reading.text,
        "name": reading.name,
        "engine": reading.engine,
        "corners": [list(corner) for corner in reading.corners],
        "module_mm": reading.module_mm,
        "nominal_mm": reading.nominal_mm,
        "must_read": reading.must_read,
        "quality": measured,
        "faults": list(reading.faults),
        "verdict": verdict and verdict.verdict,
    }


def _is_good(report: "Report", verdicts: "dict[str, Inspection]") -> bool:
    return report.good and all(verdict.accepted for verdict in verdicts.values())


def _tell(context: Context, report: "Report", verdicts: "dict[str, Inspection]", *, knows_all: bool) -> None:
    """The result, what does not read, what to do; then the measures of what reads. ``knows_all``: what should be in the
    picture is known, and not only what was found.
    """
    say, line = context.say, context.out.line
    if _is_good(report, verdicts):
        known = knows_all or any(reading.nominal_mm is not None for reading in report.readings)
        line(say("Good: all that must read does." if known else ONLY_FOUND))
    else:
        line(say("Not good:"))
    read = sum(reading.text is not None for reading in report.readings)
    unread = len(report.readings) - read + sum(missing.must_read for missing in report.missing)
    if read or unread:
        line(say("{read} codes read, {unread} that must read do not.", read=read, unread=unread))
    if report.missing:
        names = [_short(missing.name) + ("" if missing.must_read else " *") for missing in report.missing]
        line(say("Not read: {names}", names=_some(context, names)))
    if report.other:
        line(say("Not expected here: {names}", names=_some(context, [_short(name) for name in report.other])))
    small = [r.quality.module_px for r in report.readings if r.quality and r.quality.module_px < FEW_PX]
    if small:
        text = "{px} pixels a module are few, so that codes may not be seen at all: go nearer, or scan at 300 dpi."
        line(say(text, px=f"{min(small):.1f}"))
    for words in (*_verdict_words(context, report, verdicts), *_advice(context, report)):
        line(words)
    if report.readings:
        _table(context, report)
    if report.readings or report.missing:
        line(say("Estimates from grey values, not to ISO/IEC 15415. * smaller than labels use."))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _some(context: Context, names: "Sequence[str]") -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return context.say("{names} and {count} more (all with --json)", names=shown, count=more) if more > 0 else shown


def _verdict_words(context: Context, report: "Report", verdicts: "dict[str, Inspection]") -> "Iterator[str]":
    """Each verdict with the numbers of its codes."""
    from tracelib.codes.words import words_of

    numbers: dict[str, list[int]] = {}
    for number, reading in enumerate(report.readings, 1):
        if reading.text in verdicts:
            numbers.setdefault(words_of(verdicts[reading.text]).short, []).append(number)
    for short, some in numbers.items():
        yield context.say("No. {numbers}: {verdict}", numbers=_in_short(some), verdict=context.say(short))


def _in_short(numbers: "Sequence[int]") -> str:
    """Rising numbers, neighbours as FIRST-LAST."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _advice(context: Context, report: "Report") -> "Iterator[str]":
    """What to do about each kind of fault."""
    say = context.say
    for path in report.blank:
        yield say("Nothing reads in {file}: go nearer, keep still, avoid glare, or scan at 300 dpi.", file=path)
    for fault, words in FAULTS.items():
        faulty = _in_short([n for n, reading in enumerate(report.readings, 1) if fault in reading.faults])
        if faulty:
            yield say(words, numbers=faulty)
    spotted = _in_short([n for n, reading in enumerate(report.readings, 1) if reading.spotted])
    if spotted:
        yield say("No. {numbers}: spots or streaks. Clean the print head, change a worn ribbon.", numbers=spotted)
    if report.is_scaled:
        scale = max(report.scales, key=lambda one: abs(one - 1))
        percent = f"{scale * 100:.1f}"
        yield say("Printed at {percent} % of the true size: print at 100 %, never «fit to page».", percent=percent)


def _table(context: Context, report: "Report") -> None:
    """A row for each code, in 80 columns; what a row leaves out is in the JSON answer."""
    say = context.say
    headers = [say("No."), say("Code"), say("Module"), say("Contrast"), say("Tilt"), say("Blur"), say("Wrong")]
    context.out.table(headers, [_row(context, number, reading) for number, reading in enumerate(report.readings, 1)])


def _row(context: Context, number: int, reading: "Reading") -> tuple[str, ...]:
    quality = reading.quality
    name = _short(reading.name) + ("" if reading.must_read else " *")
    if quality is None:
        return (str(number), name, "" if reading.text is not None else context.say("not read"), "", "", "", "")
    size = f"{quality.module_px:.1f} px" if reading.module_mm is None else f"{reading.module_mm:.2f} mm"
    slant = f"{quality.slant:.0f}°" if quality.slant >= LEAST_SLANT else f"<{LEAST_SLANT}°"
    tilt = f"{round(quality.rotation)}° / {slant}"
    contrast = f"{quality.contrast:.0f} % {quality.grade}"
    return (str(number), name, size, contrast, tilt, f"{quality.blur:.2f}", f"{quality.wrong:.1f} %")
