"""What may be wrong with a table: the file as a whole, its sheet, its header, single cells.

Faults of cells are collected, so that one run names them all; :class:`SheetError` carries them. What makes reading on
pointless (no table at all) is raised as it is. Words in the parameters ``expected`` and ``kind`` are translated with
the message, under the context ``sheet``.
"""

from collections.abc import Sequence

from tracelib.errors import FormatError, Translate, shown
from tracelib.sheets.layout import Unread

LISTED = 200
"""How many faults are listed; the rest are counted."""
_TRANSLATED = {"expected", "kind"}


class SheetFault(FormatError):
    """Base of everything that may be wrong with a table."""

    code = "sheet"
    template = "{file} cannot be read as a table."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        words = {name: shown(value) for name, value in self.params.items()}
        for name in _TRANSLATED & words.keys():  # our own phrases, shown whole
            phrase = str(self.params[name])
            words[name] = translate("sheet", phrase) if translate else phrase
        template = translate(self.code, self.template) if translate else self.template
        return template.format(**words)


class SheetError(FormatError):
    """A table has faults; ``faults`` lists them (at most ``LISTED``), nothing was written.

    ``unread`` is what of the table was not read, where the reader noted it.
    """

    code = "sheet.faults"
    template = "{file}: {count} faults found, nothing was written. Correct them and give the file again."

    def __init__(self, faults: Sequence[FormatError], **params: object) -> None:
        super().__init__(**params)
        self.faults = list(faults)
        self.unread: Unread | None = None


class ManyFaultsError(SheetError):
    """A table has more faults than are listed."""

    code = "sheet.many_faults"
    template = (
        "{file}: {count} faults found, the first {listed} are listed and {rest} are not; nothing was written. "
        "Correct them and give the file again."
    )


class Faults:
    """Collects faults while a table is read; keeps the first ``keep`` and counts the rest."""

    def __init__(self, file: str, keep: int = LISTED) -> None:
        self.file = file
        self._keep = keep
        self.count = 0
        self._kept: list[FormatError] = []

    def add(self, fault: FormatError) -> None:
        """Note one fault."""
        self.count += 1
        if len(self._kept) < self._keep:
            self._kept.append(fault)

    def sorted(self) -> list[FormatError]:
        """What was kept, in the order of the rows."""
        return sorted(self._kept, key=_place)

    def raise_any(self) -> None:
        """Raise SheetError with everything noted, in the order of the rows; return where nothing was."""
        if not self.count:
            return
        kept = self.sorted()[:LISTED]
        rest = self.count - len(kept)
        if rest:
            raise ManyFaultsError(kept, file=self.file, count=self.count, listed=len(kept), rest=rest)
        raise SheetError(kept, file=self.file, count=self.count)


def _place(fault: FormatError) -> tuple[int, int, str]:
    """Row, then column: AA stands behind Z. A fault of the whole row comes first."""
    column = str(fault.params.get("column", "")).partition(" ")[0]
    return int(str(fault.params.get("row", 0))), len(column), column


class EmptySheetError(SheetFault):
    """No row at all, or a header and nothing under it."""

    code = "sheet.empty"
    template = "{file}, sheet «{sheet}» holds no rows: expected a header and at least one row under it."


class NoHeaderError(SheetFault):
    """The first row that is not empty is no header."""

    code = "sheet.no_header"
    template = (
        "{file}, sheet «{sheet}», row {row} is no header: found «{found}», expected names such as {headers}. "
        "For a sheet with words of its own: tracelib batch map FILE. "
        "A template: tracelib batch template --out FILE.xlsx"
    )


class OtherFormatError(SheetFault):
    """A table in a format that this program does not read; ``kind`` names it."""

    code = "sheet.format"
    template = "{file} is {kind}: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8."


class PasswordError(SheetFault):
    """The file is encrypted."""

    code = "sheet.password"
    template = "{file} is protected by a password: open it in Excel or WPS, remove the password, and save it again."


class DamagedSheetError(SheetFault):
    """The file is not what its first bytes say, or is cut off."""

    code = "sheet.damaged"
    template = "{file} is damaged or not an Excel file ({detail}): open it in Excel or WPS and save it again as .xlsx."


class TooLargeError(SheetFault):
    """A limit that protects this machine was passed."""

    code = "sheet.too_large"
    template = "{file} is too large: {found} {kind}, at most {limit} are read. Split it into several files."


class ArchiveBombError(SheetFault):
    """A small file that unpacks to far more than a table needs."""

    code = "sheet.bomb"
    template = (
        "{file} was refused without unpacking it: {part} would unpack to {found} bytes, {ratio} times its size. "
        "No spreadsheet does that; ask where the file comes from."
    )


class EntitiesError(SheetFault):
    """XML with a document type, as attacks use and no spreadsheet program writes."""

    code = "sheet.entities"
    template = "{file} was refused: {part} declares a document type, which no spreadsheet program writes."


class EncodingError(SheetFault):
    """Text in an encoding that is not read."""

    code = "sheet.encoding"
    template = "{file} is no text in UTF-8 or GB18030 ({detail}): save it as CSV UTF-8."


class DelimiterError(SheetFault):
    """Columns are separated by something else than a comma."""

    code = "sheet.delimiter"
    template = "{file} separates its columns by {kind}, expected commas: save it as CSV UTF-8 (comma separated)."


class CsvSyntaxError(SheetFault):
    """Quotes that do not close, or text after a closing quote."""

    code = "sheet.csv"
    template = "{file}, row {row}: {detail}. Check the double quotes from this row on."


class NoSuchSheetError(SheetFault):
    """The sheet that was asked for is not there."""

    code = "sheet.no_such"
    template = "{file} has no sheet «{sheet}»: it has {sheets}."


class HiddenSheetError(SheetFault):
    """The table stands on a hidden sheet."""

    code = "sheet.hidden"
    template = "{file}: sheet «{sheet}» is hidden, and hidden sheets are not read: unhide it if it is meant."


class SeveralSheetsError(SheetFault):
    """More than one sheet could be meant."""

    code = "sheet.several"
    template = "{file} has several sheets with content: {sheets}. Say which one with --sheet NAME."


class UnknownHeaderError(SheetFault):
    """A column that is not known."""

    code = "sheet.unknown_header"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» is no known header; "
        "the nearest is «{nearest}». Rename the column or remove it; what columns of a table of batches mean, can be "
        "said: tracelib batch map FILE"
    )


class RepeatedHeaderError(SheetFault):
    """Two columns with the same meaning."""

    code = "sheet.repeated_header"
    template = "{sheet}, row {row}, column {column}: «{value}» means the same as column {first}; keep one of them."


class MissingHeaderError(SheetFault):
    """A required column is not there."""

    code = "sheet.missing_header"
    template = "{sheet}, row {row}: the column «{header}» is missing."


class HiddenColumnError(SheetFault):
    """A required column is there, and hidden."""

    code = "sheet.hidden_column"
    template = (
        "{sheet}, column {column}: «{value}» is hidden, and hidden columns are not read: unhide it if it is meant."
    )


class NoUnitError(SheetFault):
    """Weights without a unit, and the header names none either. Told once for a sheet."""

    code = "sheet.no_unit"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» has no unit, nor has the header, and a unit is never guessed: "
        "name it in the header, such as 重量(kg), 重量(斤) or 重量(吨), or for all such sheets with: "
        "tracelib batch map FILE --unit kg --name NAME"
    )


class UnreadUnitError(SheetFault):
    """A unit of weight stands in a column that is not read, and the weight beside it would be read in another unit."""

    code = "sheet.unread_unit"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» is a unit of weight in a column that is not read, and the "
        "weight beside it would be read in another unit. Have the column read (unhide it; or: tracelib batch map FILE "
        '--set "HEADER=unit" --name NAME), or remove it if it says nothing of this weight.'
    )


class CellError(SheetFault):
    """A cell holds something else than its column asks for."""

    code = "sheet.cell"
    template = "{sheet}, row {row}, column {column}: «{value}», expected {expected}."


class WriteInsteadError(SheetFault):
    """A cell that is understood, but is not read as it stands."""

    code = "sheet.write_instead"
    template = "{sheet}, row {row}, column {column}: «{value}» has {kind}: write «{instead}»."


class FullWidthCellError(SheetFault):
    """Full-width digits or letters where plain ones are needed."""

    code = "sheet.full_width"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» holds full-width characters, "
        "type them half-width: «{half_width}»; expected {expected}."
    )


class MissingCellError(SheetFault):
    """A required cell is empty."""

    code = "sheet.missing_cell"
    template = "{sheet}, row {row}, column {column} is empty, expected {expected}."


class NoColumnError(SheetFault):
    """A cell to the right of the header, or under an empty header."""

    code = "sheet.no_column"
    template = "{sheet}, row {row}, column {column}: «{value}» stands under no header."


class FormulaError(SheetFault):
    """A formula without a result: nobody has calculated it since the file was written."""

    code = "sheet.formula"
    template = (
        "{sheet}, row {row}, column {column} holds a formula without a result ({value}): "
        "type the value; or open the original file in Excel or WPS, save it there, and give it again."
    )


class ChangingFormulaError(SheetFault):
    """A formula whose result is another one tomorrow, such as =TODAY()."""

    code = "sheet.changing_formula"
    template = (
        "{sheet}, row {row}, column {column} holds a formula whose result changes by itself ({value}): type the value."
    )


class StruckCellError(SheetFault):
    """A cell is struck out, and others of its row are not."""

    code = "sheet.struck"
    template = (
        "{sheet}, row {row}, column {column}: «{value}» is struck out, but not the whole row: type what holds and take "
        "the line off; or strike out or delete the whole row if it does not count."
    )


class ErrorValueError(SheetFault):
    """A cell that the spreadsheet program itself marks as an error."""

    code = "sheet.error_value"
    template = "{sheet}, row {row}, column {column} holds the error {value}: correct it in the spreadsheet."


class MergedCellsError(SheetFault):
    """Merged cells, of which only the first holds a value."""

    code = "sheet.merged"
    template = "{sheet}, row {row}: the cells {value} are merged: split them and fill each one."


class DuplicateRowError(SheetFault):
    """Two rows for the same thing."""

    code = "sheet.duplicate_row"
    template = "{sheet}, row {row}: {value} stands in row {first} already; keep one of the two rows."


class TemplateNameError(SheetFault):
    """A template in a format that is not written."""

    code = "sheet.template_name"
    template = "«{file}» does not end in .xlsx or .csv: a template is written in one of these two."


class TemplateExistsError(SheetFault):
    """A file is there already, and somebody may have filled it in."""

    code = "sheet.template_exists"
    template = "{file} exists already and is not overwritten: choose another name, or remove it."
