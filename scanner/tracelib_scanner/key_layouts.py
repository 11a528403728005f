"""Keyboard layouts as tables: the kernel's key code to what the key types plain, with Shift and with AltGr.

The names of the keys are those of Linux ``input-event-codes.h``; what they type is the layout of the country. Add one
by writing its three rows for the keys in :data:`KEYS`.
"""

from collections.abc import Mapping

Layout = Mapping[int, tuple[str, str, str]]
"""Key code to (plain, with Shift, with AltGr); an empty text where a key types nothing."""

KEYS = (
    *(41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13),
    *(16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27),
    *(30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43),
    *(86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 57),
)
"""Four rows from the key left of «1» to the space bar: 13 keys, then 12 each. 43 is beside Enter, 86 beside the left
Shift."""
NOTHING = "·"
"""Stands in the tables for a key that types nothing (a dead key)."""

NUMBER_PAD: Mapping[int, str] = dict(zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82), "7894561230", strict=True))
"""Key code of the number pad to its digit, Num Lock on."""


def _layout(plain: str, shifted: str, alt_gr: Mapping[int, str]) -> Layout:
    if not len(plain) == len(shifted) == len(KEYS):
        raise ValueError(plain)
    pairs = zip(KEYS, plain.replace(NOTHING, "\0"), shifted.replace(NOTHING, "\0"), strict=True)
    return {key: (low.strip("\0"), high.strip("\0"), alt_gr.get(key, "")) for key, low, high in pairs}


LAYOUTS: Mapping[str, Layout] = {
    "us": _layout(
        "`1234567890-=qwertyuiop[]asdfghjkl;'\\\\zxcvbnm,./ ", '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"||ZXCVBNM<>? ', {}
    ),
    "uk": _layout(
        "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./ ", '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>? ', {}
    ),
    "de": _layout(
        "·1234567890ß·qwertzuiopü+asdfghjklöä#<yxcvbnm,.- ",
        "°!\"§$%&/()=?·QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_ ",
        {8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 27: "~", 86: "|"},
    ),
    "fr": _layout(
        "²&é\"'(-è_çà)=azertyuiop·$qsdfghjklmù*<wxcvbn,;:! ",
        "·1234567890°+AZERTYUIOP·£QSDFGHJKLM%µ>WXCVBN?./§ ",
        {3: "~", 4: "#", 5: "{", 6: "[", 7: "|", 8: "`", 9: "\\", 10: "^", 11: "@", 12: "]", 13: "}"},
    ),
}
"""Layout name, as ``line.toml`` gives it, to its table. Chinese machines use «us»."""
