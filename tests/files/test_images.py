"""Pictures: what becomes of them, in every format, and what is no picture."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from rapport.files.errors import InvalidImage
from rapport.files.images import AS_IT_IS, LOGO, MOST_FRAMES, PORTRAIT, Images, Rendition, Size, renditions_of
from tests.counting import calls_of
from tests.files.uploading import UPLOAD_FILE, UPLOAD_IMAGE, link, upload, uploaded
from tests.serving import Client

FORMATS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "WEBP": "webp"}
THEN = "1999:12:31"


def picture(kind: str, size: tuple[int, int], colour: str = "red", *, mode: str = "RGB", **more: object) -> bytes:
    image = Image.new("RGB", size, colour)
    image.paste("white", (0, 0, size[0] // 2, size[1]))  # the left half: to see how it is turned
    written = BytesIO()
    image.convert(mode).save(written, kind, **more)
    return written.getvalue()


def read(rendition: Rendition) -> Image.Image:
    return Image.open(BytesIO(rendition.data))


async def made(data: bytes, sizes: tuple[Size, ...] = AS_IT_IS) -> list[Rendition]:
    async def bytes_of() -> bytes:
        return data

    return list(await Images().renditions(bytes_of, sizes))


async def test_every_format_is_kept_in_its_sizes() -> None:
    for kind, suffix in FORMATS.items():
        for sizes, expected in (
            (AS_IT_IS, [(700, 350), (512, 256)]),
            (PORTRAIT, [(350, 350), (96, 96)]),
            (LOGO, [(512, 256), (96, 48)]),
        ):
            found = await made(picture(kind, (700, 350)), sizes)
            assert [(read(each).size, read(each).format, each.suffix) for each in found] == [
                (size, kind, f".{suffix}") for size in expected
            ]
            left, right = (read(found[0]).convert("RGB").getpixel((x, 50)) for x in (5, read(found[0]).width - 5))
            assert left[1] > 230, (kind, left)  # type: ignore[index]
            assert right[1] < 30, (kind, right)  # type: ignore[index]
        (small, smaller) = await made(picture(kind, (20, 10)), LOGO)
        assert read(small).size == read(smaller).size == (20, 10)  # nothing is enlarged


async def test_what_is_no_picture_is_left_out_and_what_lies_on_its_side_is_set_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    exif[0x010F] = "The camera of Ada"
    exif.get_ifd(0x8825)[29] = THEN
    for kind in ("JPEG", "PNG", "WEBP"):
        data = picture(kind, (60, 30), exif=exif)
        assert b"camera of Ada" in data
        assert THEN.encode() in data
        (original, _) = await made(data)
        assert b"Ada" not in original.data
        assert THEN.encode() not in original.data
        shown = read(original)
        assert (shown.size, dict(shown.getexif())) == ((30, 60), {})
        top, bottom = (shown.convert("RGB").getpixel((15, y)) for y in (5, 55))
        assert (top[1] > 230, bottom[1] < 30) == (True, True), kind  # type: ignore[index]
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "Ada")
    (original, _) = await made(picture("PNG", (60, 30), pnginfo=notes))
    assert b"Ada" not in original.data
    (original, _) = await made(picture("JPEG", (60, 30), comment=b"by Ada") + b"<script>trailing</script>")
    assert b"Ada" not in original.data
    assert b"script" not in original.data


async def test_pictures_of_all_kinds_of_colours_are_read() -> None:
    for kind, mode in (
        ("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "1"), ("PNG", "L"), ("PNG", "LA"), ("PNG", "P"), ("PNG", "RGBA"),
        ("PNG", "I;16"), ("GIF", "L"), ("GIF", "P"), ("WEBP", "RGBA"),
    ):  # fmt: skip
        data = picture(kind, (40, 20), mode=mode if mode != "I;16" else "L")
        if mode == "I;16":
            written = BytesIO()
            image = Image.new("I;16", (40, 20), 300)
            image.paste(65_000, (0, 0, 20, 20))
            image.save(written, "PNG")
            data = written.getvalue()
        for found in await made(data, (*AS_IT_IS, *PORTRAIT[1:])):
            shown = read(found).convert("RGB")
            left, right = shown.getpixel((2, 2)), shown.getpixel((shown.width - 3, 2))
            assert min(left) > 230, (kind, mode, left)  # type: ignore[arg-type]
            assert min(right) < 100, (kind, mode, right)  # type: ignore[arg-type]
    written = BytesIO()
    Image.new("RGBA", (40, 20), (255, 0, 0, 0)).save(written, "PNG")
    (original, _) = await made(written.getvalue())
    assert read(original).getpixel((1, 1))[3] == 0  # type: ignore[index]  # what can be seen through still can


async def test_what_moves_goes_on_moving(client: Client) -> None:
    for kind, suffix in (("GIF", "gif"), ("WEBP", "webp"), ("PNG", "png")):
        frames = [Image.new("RGB", (600, 300), colour) for colour in ("red", "green", "blue")]
        written = BytesIO()
        frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=70, loop=0)
        found = await made(written.getvalue())
        shown = read(found[0])
        assert (shown.n_frames, shown.size, found[0].suffix) == (3, (600, 300), f".{suffix}"), kind  # type: ignore[attr-defined]
        assert read(found[1]).size == (512, 256)
        portrait = await made(written.getvalue(), PORTRAIT)
        assert getattr(read(portrait[0]), "n_frames", 1) == 1


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is very large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


async def test_an_animation_of_very_many_frames_is_refused_soon() -> None:
    def tiny(frames: int) -> bytes:
        head = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\x00\x00" + b"\x00\x00\x00\xff\xff\xff"
        each = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\x00\x02\x02%b\x01\x00"
        return head + b"".join(each % (b"\x44", b"\x4c")[number % 2] for number in range(frames)) + b"\x3b"

    for sizes in (AS_IT_IS, PORTRAIT):
        assert read((await made(tiny(MOST_FRAMES), sizes))[0]).format == "GIF"
        with calls_of("_seek") as seen, pytest.raises(InvalidImage) as failure:
            renditions_of(tiny(100_000), sizes)
        assert failure.value.message == f"An animation has at most {MOST_FRAMES} frames."
        assert seen["_seek"] <= MOST_FRAMES + 2


async def test_what_is_no_picture_is_refused(client: Client) -> None:
    whole = {kind: picture(kind, (64, 64)) for kind in FORMATS}
    tiff = BytesIO()
    Image.new("RGB", (8, 8)).save(tiff, "TIFF")
    many = BytesIO()
    still = [Image.new("L", (2_000, 2_000), grey) for grey in range(14)]
    still[0].save(many, "GIF", save_all=True, append_images=still[1:])
    refused = {
        "nothing": b"\x00",
        "a text": b"GIF89a is how they begin",
        "HTML": b"<html><script>alert(1)</script></html>",
        "a TIFF": tiff.getvalue(),
        "a bomb": bomb(60_000, 60_000),
        "a smaller bomb": bomb(7_000, 8_000),
        "many frames": many.getvalue(),
        **{f"half a {kind}": data[: len(data) // 2] for kind, data in whole.items()},
        **{f"the beginning of a {kind}": data[:20] for kind, data in whole.items()},
    }
    for name, data in refused.items():
        with pytest.raises(InvalidImage) as failure:
            await made(data)
        wanted = (
            "A picture has at most 50 million pixels." if "bomb" in name or "many" in name else InvalidImage().message
        )
        assert failure.value.message == wanted, name
    answer = await upload(client, UPLOAD_IMAGE, ("a.png", refused["half a PNG"], "image/png"))
    assert answer["errors"][0]["message"] == InvalidImage().message
    answer = await upload(client, UPLOAD_FILE, ("a.png", b"no picture", "image/png"), {"folder": "ProfilePicture"})
    assert answer["errors"][0]["extensions"]["subCode"] == "INVALID_IMAGE"
    assert await client.database.value("select count(*) from core.file") == 0


async def test_damaged_pictures_do_no_harm() -> None:
    """Each picture with single bytes changed is read, or refused as none."""
    for kind in FORMATS:
        data = picture(kind, (24, 16))
        for place in range(0, len(data), max(1, len(data) // 120)):
            damaged = bytearray(data)
            damaged[place] ^= 0xFF
            with suppress(InvalidImage):
                await made(bytes(damaged))


async def test_an_image_is_there_in_several_sizes_and_goes_with_all_of_them(client: Client) -> None:
    signed = await uploaded(client, UPLOAD_IMAGE, ("photo.jpeg", picture("JPEG", (800, 600)), "image/jpeg"))
    folder, kept, name = signed["path"].split("/")
    assert (folder, kept, name.partition(".")[2]) == ("file", "original", "jpg")
    assert (await client.http.get(link(client, signed))).headers["content-type"] == "image/jpeg"
    smaller = link(client, signed).replace("/original/", "/512/")
    assert Image.open(BytesIO((await client.http.get(smaller)).content)).size == (512, 384)
    deleted = await client.data("mutation($id: UUID!) { deleteFile(id: $id) { name } }", {"id": name.partition(".")[0]})
    assert deleted == {"deleteFile": {"name": "photo.jpg"}}
    assert (await client.http.get(smaller)).status_code == 404
