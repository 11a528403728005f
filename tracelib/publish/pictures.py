"""Pictures made small: WebP without anything but pixels, one for a page of its own and one for lists.

What a camera adds (place, time, device) is left behind. The names of files come from the source's bytes, so that a
later publication takes over what an earlier one has made.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PIL import Image, ImageOps

FOLDER = "assets/pictures"
MAIN_BYTES, LIST_BYTES = 26_000, 9_000
MAIN_SIZE, LIST_SIZE = (800, 600), (400, 300)
LARGEST_PIXELS = 60_000_000
LARGEST_BYTES = 20 * 1024 * 1024
RECIPE = b"tracelib/picture/1"
"""Part of every name: a change of sizes or of the encoder makes new names."""
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITIES = (76, 46, 20)
PARALLEL_FROM = 8
"""Below so many pictures starting processes costs more than it gains."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in its two sizes: files relative to the publication, pixels and bytes of each."""

    file: str
    sha256: str
    width: int
    height: int
    bytes: int
    small_file: str
    small_width: int
    small_height: int
    small_bytes: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures by the name that entries use; ``unusable`` names those that are missing or cannot be read."""

    by_name: Mapping[str, Picture] = field(default_factory=dict)
    unusable: tuple[str, ...] = ()

    def of(self, name: str) -> Picture | None:
        """The picture of that name, None where there is none."""
        return self.by_name.get(name)


def make_pictures(
    names: Iterable[str],
    home: Path,
    out: Path,
    earlier: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Pictures:
    """Make both sizes of each picture of ``home`` under ``out / FOLDER``, in two processes where there are many.

    ``earlier`` is a publication whose pictures are taken over where the source is the same. ``progress`` is called
    with the number of pictures done.
    """
    wanted = sorted(set(names))
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    make = partial(_make, home=home, out=out, earlier=earlier)
    found: dict[str, Picture] = {}
    unusable: list[str] = []

    def take(done: int, name: str, picture: Picture | None) -> None:
        """Keep a picture that was made, or the name of one that could not be."""
        if picture is None:
            unusable.append(name)
        else:
            found[name] = picture
        if progress:
            progress(done)

    if len(wanted) < PARALLEL_FROM:
        for done, name in enumerate(wanted, 1):
            take(done, name, make(name))
        return Pictures(found, tuple(unusable))
    with ProcessPoolExecutor(max_workers=2) as pool:
        for done, (name, picture) in enumerate(zip(wanted, pool.map(make, wanted, chunksize=16), strict=True), 1):
            take(done, name, picture)
    return Pictures(found, tuple(unusable))


def _make(name: str, *, home: Path, out: Path, earlier: Path | None) -> Picture | None:
    """One picture in both sizes; None where the file is missing, a link, too large or no picture."""
    source = home / name
    try:
        if source.is_symlink() or source.stat().st_size > LARGEST_BYTES:
            return None
        data = source.read_bytes()
    except OSError:
        return None
    stem = f"{FOLDER}/{hashlib.sha256(RECIPE + data).hexdigest()[:20]}"
    files = (f"{stem}.webp", f"{stem}-s.webp")
    made = _taken_over(earlier, files) or _encoded(data)
    if made is None:
        return None
    sizes = []
    for file, content in zip(files, made, strict=True):
        (out / file).write_bytes(content)
        with Image.open(io.BytesIO(content)) as picture:
            sizes.append((picture.width, picture.height, len(content)))
    return Picture(files[0], hashlib.sha256(made[0]).hexdigest(), *sizes[0], files[1], *sizes[1])


def _taken_over(earlier: Path | None, files: tuple[str, str]) -> tuple[bytes, bytes] | None:
    if earlier is None or not all((earlier / file).is_file() and not (earlier / file).is_symlink() for file in files):
        return None
    main, small = ((earlier / file).read_bytes() for file in files)
    whole = len(main) <= MAIN_BYTES and len(small) <= LIST_BYTES and main[8:12] == small[8:12] == b"WEBP"
    return (main, small) if whole else None


def _encoded(data: bytes) -> tuple[bytes, bytes] | None:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > LARGEST_PIXELS:
                return None
            opened.draft("RGB", MAIN_SIZE)  # a JPEG is read at a smaller size at once
            upright = ImageOps.exif_transpose(opened)
            pixels = upright.convert("RGBA" if "transparency" in upright.info or upright.mode == "RGBA" else "RGB")
        pixels.thumbnail(MAIN_SIZE, Image.Resampling.LANCZOS, reducing_gap=2.0)
        return _small(pixels, MAIN_BYTES), _small(_within(pixels, LIST_SIZE), LIST_BYTES)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _within(pixels: Image.Image, size: tuple[int, int]) -> Image.Image:
    small = pixels.copy()
    small.thumbnail(size, Image.Resampling.LANCZOS)
    return small


def _small(picture: Image.Image, limit: int) -> bytes:
    """The picture in the best quality that fits into ``limit`` bytes, made smaller where none does."""
    while True:
        for quality in _QUALITIES:
            out = io.BytesIO()
            picture.save(out, "WEBP", quality=quality, method=2)
            if out.tell() <= limit:
                return out.getvalue()
        picture = picture.resize((max(1, picture.width * 3 // 4), max(1, picture.height * 3 // 4)))
