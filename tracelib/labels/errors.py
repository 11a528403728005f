"""What can go wrong between a label's content and its file."""

from tracelib.errors import FormatError, NotFoundError, SettingsError, StoreError


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


class NoLabelsError(NotFoundError):
    """Nothing to print."""

    code = "label.none"
    template = "There is no code to print: {detail}."


class CodeListError(FormatError):
    """A file of codes that cannot be read as one."""

    code = "label.code_list"
    template = (
        "{path}, line {row}: {detail}. Expected an export of codes: CSV with a column «code», JSON Lines, "
        "or one code a line."
    )
