"""What can go wrong between a label's content and its file."""

from collections.abc import Mapping

from tracelib.errors import (
    DeviceError,
    FormatError,
    NotFoundError,
    RuleError,
    SettingsError,
    StoreError,
    TraceError,
    Translate,
    shown,
)


class FontMissingError(SettingsError):
    """No font with Chinese glyphs in the usual places."""

    code = "label.font.missing"
    template = (
        "No TrueType font with Chinese glyphs was found in the usual places. Install one (Debian, Ubuntu: apt install "
        "fonts-wqy-microhei; Windows brings msyh.ttc) or name a .ttf or .ttc file with the setting label.font."
    )


class FontUnusableError(SettingsError):
    """The font that the settings name cannot be embedded."""

    code = "label.font.unusable"
    template = (
        "The font «{path}» (setting label.font) cannot be used: {detail}. Expected a TrueType font (.ttf or .ttc with "
        "glyf outlines, not OpenType CFF), such as wqy-microhei.ttc, msyh.ttc or simhei.ttf."
    )


class GlyphMissingError(FormatError):
    """A character that the font cannot draw."""

    code = "label.font.glyph"
    template = (
        "The font «{font}» has no glyph for «{character}» (U+{codepoint}) in «{text}». Name another font with the "
        "setting label.font, or change the text."
    )


class LabelTextTooLongError(FormatError):
    """Text that does not fit even at the smallest size."""

    code = "label.text_too_long"
    template = (
        "The text does not fit on the label {template}, not even at {size} pt: {text}. Shorten the product's or the "
        "issuer's name, or choose a larger template."
    )


class LabelCodeError(FormatError):
    """A code that cannot become a QR symbol of the format."""

    code = "label.code"
    template = (
        "«{url}» cannot become a symbol: {detail}. Expected https://host/ in lower case and after it at most {room} "
        "characters of 0-9 A-Z and . / - only."
    )


class UnknownTemplateError(NotFoundError):
    """A template that is not there."""

    code = "label.template"
    template = "There is no label template «{name}»; there are: {known}."


class TemplateNameError(FormatError):
    """A name that no template may have."""

    code = "label.template_name"
    template = (
        "«{given}» cannot be the name of a template: expected 1 to 40 of a-z 0-9 . and -, not a name that Windows "
        "keeps for devices (con, nul, com1 …), and files that end in .toml."
    )


class TemplateExistsError(RuleError):
    """A new template with a name that is taken."""

    code = "label.template_exists"
    template = "There is a template «{name}» already; it stays as it is. Choose another name."


class TemplateUnreadableError(FormatError):
    """A file that is no template at all."""

    code = "label.template_unreadable"
    template = "{file} cannot be read as a template: {detail}."


class TemplateFileError(FormatError):
    """A template that is faulty; ``faults`` has an error for each key that is wrong."""

    code = "label.template_file"
    template = "The template {file} has {count} faults."

    def __init__(self, faults: "tuple[TemplateFaultError, ...]" = (), **params: object) -> None:
        self.faults = faults
        super().__init__(**params)


class TemplateFaultError(FormatError):
    """One key of a template's file. ``expected`` is a template of its own, translated like the message around it."""

    code = "label.template_fault"
    template = "{file}, {key}: {given}{expected}"
    EXPECTED_CONTEXT = "label.template_expected"

    def __init__(
        self, *, file: str, key: str, expected: str, given: object = None, values: Mapping[str, object]
    ) -> None:
        self.expected, self.values = expected, values
        quoted = "" if given is None else f"«{shown(given)}»: "
        super().__init__(file=file, key=key, given=quoted, expected=expected.format(**values))

    def message(self, translate: Translate | None = None) -> str:
        """The text for people, the expectation in their language too."""
        around, inner = self.template, self.expected
        if translate is not None:
            around, inner = translate(self.code, around), translate(self.EXPECTED_CONTEXT, inner)
        return around.format(**{**self.params, "expected": inner.format(**self.values)})


class SymbolTooSmallError(RuleError):
    """A symbol whose modules would be too small to be read."""

    code = "label.symbol_too_small"
    template = (
        "On {template} at {dpi} dpi a module of this symbol ({modules} modules a side) would have {dots} dots; at "
        "least {least} dots and {least_mm} mm are needed to be read. Choose a larger template or more dots an inch, or "
        "give the symbol a square of at least {side} mm."
    )


class BarsTooWideError(RuleError):
    """A bar code that does not fit its place with bars of a readable width."""

    code = "label.bars_too_wide"
    template = (
        "The bar code of {unit} does not fit on {template} at {dpi} dpi: its narrowest bar would have {dots} dots; "
        "expected at least {least_mm} mm. Make the box barcode wider."
    )


class OutputKindError(FormatError):
    """A file name whose ending says nothing about the kind of picture."""

    code = "label.output_kind"
    template = "«{path}» should end in {expected}: the ending decides what is written."


class LabelFileError(StoreError):
    """The file cannot be written: folder, rights, disk."""

    code = "label.file"
    template = (
        "{path} cannot be written: {detail}. Nothing was left behind; the file that was there before is as it was."
    )


class SpoolFileError(StoreError):
    """The folder that print jobs should go to takes none: rights, disk."""

    code = "label.spool_file"
    template = "No print job can be written into the folder {folder}: {detail}. Nothing was printed."


class SpoolFolderError(NotFoundError):
    """The folder that print jobs should go to is not there."""

    code = "label.spool_folder"
    template = (
        "There is no folder {folder} for print jobs, and nothing was printed. It is not made by itself, for a program "
        "must watch it: check the name, or make it and have that program watch it."
    )


class DestinationError(FormatError):
    """Words that name no place for labels."""

    code = "label.destination"
    template = (
        "«{given}» is no place for labels: expected tcp://HOST or tcp://HOST:PORT for a printer in the network (port "
        "9100 without one), or spool:FOLDER."
    )


class PrinterAwayError(DeviceError):
    """The printer cannot be reached; nothing was sent."""

    code = "label.printer.away"
    template = (
        "The printer {printer} cannot be reached after {tries} tries: {detail}. Nothing was sent. Is it switched on, "
        "in the same network, and is its port right? Most printers listen on port 9100."
    )
    retryable = True


class PrinterNotReadyError(DeviceError):
    """The printer says itself that it cannot print; nothing was sent."""

    code = "label.printer.not_ready"
    template = "The printer {printer} says: {detail}. Nothing was sent. Put that right and print again."
    retryable = True
    STATE_CONTEXT = "label.printer.state"

    def __init__(self, *, printer: object, states: tuple[str, ...]) -> None:
        self.states = states
        super().__init__(printer=printer, detail=", ".join(states))

    def message(self, translate: Translate | None = None) -> str:
        """The text for people, what the printer says in their language too."""
        if translate is None:
            return super().message()
        detail = "、".join(translate(self.STATE_CONTEXT, state) for state in self.states)
        return translate(self.code, self.template).format(**{**self.params, "detail": detail})


class PrinterSilentError(DeviceError):
    """The printer was asked for its state and does not answer as ZPL printers do."""

    code = "label.printer.silent"
    template = (
        "The printer {printer} does not tell its state ({detail}). Nothing was sent. If it is no ZPL printer, leave "
        "--status out."
    )


class JobBrokenError(DeviceError):
    """The connection broke in the middle of a job."""

    code = "label.printer.broken"
    template = (
        "The connection to {printer} broke: {detail}. {sure} labels surely reached it, at most {maybe} were sent; how "
        "many it printed, the paper tells. Look at the last label that came out and print on after it with --from "
        "NUMBER --reprint --reason TEXT; those from {next} on may not have arrived."
    )


class JobStoppedError(DeviceError):
    """A label in the middle of a job cannot be made; ``faults`` has the reason."""

    code = "label.printer.stopped"
    template = "{labels} labels were sent to {printer}; the next one cannot be printed, so the job ends there."

    def __init__(self, faults: tuple[TraceError, ...] = (), **params: object) -> None:
        self.faults = faults
        super().__init__(**params)


class NativeSymbolError(RuleError):
    """A printer language whose own QR command cannot write two segments."""

    code = "label.native"
    template = (
        "A symbol drawn by the printer itself is possible in TSPL alone, not in {kind}: it must have two segments. "
        "Leave --native out; the bitmap is right on every printer."
    )


class NoLabelsError(NotFoundError):
    """Nothing to print."""

    code = "label.none"
    template = "There is no code to print: {detail}."


class CodeFileError(FormatError):
    """A file of codes that is not there or cannot be opened."""

    code = "label.code_file"
    template = "{path} cannot be read: {detail}. Expected a file of codes that was exported."


class CodeListError(FormatError):
    """A file of codes that cannot be read as one."""

    code = "label.code_list"
    template = (
        "{path}, line {row}: {detail}. Expected an export of codes: CSV with a column «code», JSON Lines, "
        "or one code a line."
    )
