"""How much of a file is read before it is refused."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one file; bytes unless the name says otherwise.

    ``ratio`` binds parts of an archive that unpack to more than ``ratio_from``. A worksheet of 200,000 rows and ten
    columns takes about 100 MB unpacked and 10 MB packed.
    """

    file: int = 50 * MIB
    directory: int = 1 * MIB
    parts: int = 1000
    sheet_part: int = 400 * MIB
    other_part: int = 64 * MIB
    ratio: int = 200
    ratio_from: int = 1 * MIB
    rows: int = 200_000
    columns: int = 256
    merges: int = 20_000
    cell_characters: int = 32_767


LIMITS = Limits()
