"""Pictures: really decoded, upright, in several sizes, without what is no picture: where it was taken, and when."""

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from rapport.files.errors import InvalidImage
from rapport.files.svg import harmless_svg, looks_like_svg

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 50_000_000  # of all frames together: some 200 MB while one is at work
MOST_BYTES = 50_000_000
MOST_FRAMES = 1_000  # each is an image of some kilobytes in memory, however small it is
MOST_AT_ONCE = 2
ORIGINAL = "original"

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp"}
_SAVED: Mapping[str, Mapping[str, object]] = {
    "PNG": {"optimize": False},
    "JPEG": {"quality": 90},
    "GIF": {},
    "WEBP": {"quality": 90, "method": 2},
}
_MODES = ("RGB", "RGBA", "L", "LA")

# What a decoder says of bytes that are no picture, or not all of one.
_BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, MemoryError,
    struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Size:
    """A size that pictures are kept in: `SQUARE` cuts the middle out, `FIT` keeps all of it; never enlarged."""

    name: str  # of the folder
    edge: int | None = None  # pixels of the longer side; None: as it is
    cut: Literal["SQUARE", "FIT"] = "FIT"


AS_IT_IS = (Size(name=ORIGINAL), Size(name="512", edge=512))
PORTRAIT = (Size(name=ORIGINAL, edge=512, cut="SQUARE"), Size(name="96", edge=96, cut="SQUARE"))
LOGO = (Size(name=ORIGINAL, edge=512), Size(name="96", edge=96))  # a logo that is cut is none


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """A picture in one size. ``suffix`` is that of its format: `.jpg`."""

    size: str
    suffix: str
    data: bytes


class Images:
    """Makes pictures out of what people send. Pillow is loaded with the first one."""

    def __init__(self, *, at_once: int = MOST_AT_ONCE) -> None:
        self._turn = asyncio.Semaphore(at_once)

    async def renditions(self, read: Callable[[], Awaitable[bytes]], sizes: Sequence[Size]) -> Sequence[Rendition]:
        """The picture in these sizes; of an SVG, which has any size, only the first. Raises InvalidImage."""
        async with self._turn:
            return await asyncio.to_thread(renditions_of, await read(), sizes)


def renditions_of(data: bytes, sizes: Sequence[Size]) -> Sequence[Rendition]:
    """In this thread, which it keeps busy."""
    if looks_like_svg(data):
        return [Rendition(size=sizes[0].name, suffix=".svg", data=harmless_svg(data))]
    with _opened(data) as image:
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        if kind != "JPEG":
            _demand_few_frames(image)
        frames = getattr(image, "n_frames", 1)
        if image.width * image.height * frames > MOST_PIXELS:
            raise InvalidImage(f"A picture has at most {MOST_PIXELS // 1_000_000} million pixels.")
        is_small = all(size.edge is not None for size in sizes)
        if is_small and kind == "JPEG":
            most = 2 * max(size.edge or 0 for size in sizes)
            image.draft("RGB", (most, most))  # decoded at a fraction of its size
        if frames > 1 and kind != "JPEG" and not is_small:
            return _of_animation(image, kind, sizes)
        picture = _picture(image)
        return [_rendition(size, _written(_sized(picture, size), kind), kind) for size in sizes]


@contextmanager
def _opened(data: bytes) -> Iterator["Image"]:
    """Raises InvalidImage for all that goes wrong while it is open."""
    pillow = _pillow()
    try:
        with pillow.open(BytesIO(data), formats=_FORMATS) as image:
            yield image
    except (pillow.DecompressionBombError, pillow.DecompressionBombWarning):
        raise InvalidImage(f"A picture has at most {MOST_PIXELS // 1_000_000} million pixels.") from None
    except _BROKEN:
        raise InvalidImage from None


@lru_cache(maxsize=1)
def _pillow() -> ModuleType:
    """Pillow with our limit, which it heeds where a file says one size and holds another."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # the error comes at twice as many
    return Image


def _demand_few_frames(image: "Image") -> None:
    """Raises InvalidImage. Looks no further than it must: to count the frames, a decoder goes through all of them."""
    try:
        image.seek(MOST_FRAMES)
    except EOFError:
        image.seek(0)
    else:
        raise InvalidImage(f"An animation has at most {MOST_FRAMES} frames.")


def _of_animation(image: "Image", kind: str, sizes: Sequence[Size]) -> Sequence[Rendition]:
    """All frames in the size that is as it is; the others show the first one."""
    from PIL import ImageSequence

    frames: list[Image] = []
    durations: list[float] = []
    for frame in ImageSequence.Iterator(image):
        durations.append(frame.info.get("duration", 100))
        frames.append(_plain(frame.copy()))
    loop = image.info.get("loop")
    moving = BytesIO()
    more = {} if loop is None else {"loop": loop}
    frames[0].save(moving, kind, save_all=True, append_images=frames[1:], duration=durations, **more, **_SAVED[kind])
    return [
        _rendition(size, moving.getvalue() if size.edge is None else _written(_sized(frames[0], size), kind), kind)
        for size in sizes
    ]


def _rendition(size: Size, data: bytes, kind: str) -> Rendition:
    return Rendition(size=size.name, suffix=_SUFFIXES[kind], data=data)


def _picture(image: "Image") -> "Image":
    """The (first) frame upright, in colours that all formats have, and nothing else."""
    from PIL import ImageOps

    image.load()
    return _plain(ImageOps.exif_transpose(image))


def _plain(image: "Image") -> "Image":
    converted = _in_standard_colours(image)
    bare: Image = _pillow().new(converted.mode, converted.size)
    bare.paste(converted)
    return bare


def _in_standard_colours(image: "Image") -> "Image":
    """sRGB or grey. Without their profile, colours of others would look wrong."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            found = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, *_BROKEN):
            found = None  # a profile that does not fit: as well as if there were none
        if found is not None and not has_alpha:
            return found
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")  # 16 bits of grey
    if image.mode in _MODES and "transparency" not in image.info:
        return image
    if image.mode in ("1", "L"):
        return image.convert("LA" if has_alpha else "L")
    return image.convert("RGBA" if has_alpha else "RGB")


def _sized(image: "Image", size: Size) -> "Image":
    from PIL import Image, ImageOps

    if size.edge is None:
        return image
    if size.cut == "SQUARE":
        edge = min(size.edge, *image.size)
        return ImageOps.fit(image, (edge, edge), Image.Resampling.LANCZOS)
    if max(image.size) <= size.edge:
        return image
    return ImageOps.contain(image, (size.edge, size.edge), Image.Resampling.LANCZOS)


def _written(image: "Image", kind: str) -> bytes:
    if kind == "JPEG" and image.mode in ("RGBA", "LA"):
        image = image.convert("RGB")
    written = BytesIO()
    image.save(written, kind, **_SAVED[kind])
    return written.getvalue()
