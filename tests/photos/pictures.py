"""Pictures that somebody might send: with all that a camera writes into them, and made to break whoever opens them.

Made here, each from its name and a number: nothing is downloaded and nothing is committed.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

CANARY = "QZCANARY"


def picture(side: int = 96, seed: int = 1) -> Image.Image:
    drawn = Image.new("RGB", (side, side * 3 // 4), (seed * 53 % 256, 120, 90))
    pen = ImageDraw.Draw(drawn)
    for n in range(12):
        pen.line([(n * 9, 0), (side - n * 7, side)], fill=(n * 20, 255 - n * 20, seed % 255), width=3)
    return drawn


# ---- what a camera, a phone or a program writes ------------------------------------------------------------------------


def _exif(words: str) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x013B], exif[0x9286] = words, words, words, words
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (42.0, 21.0, 36.5), 3: "W", 4: (71.0, 3.0, 32.1), 29: words})
    exif.get_ifd(0x8769).update({0xA431: words, 0x927C: words.encode()})
    return exif.tobytes()


def _xmp(words: str) -> bytes:
    rdf = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description dc:creator="{words}"/></rdf:RDF>'
    return f'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/">{rdf}</x:xmpmeta><?xpacket end="w"?>'.encode()


def _icc(words: str) -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile + words.encode()


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_metadata() -> dict[str, bytes]:
    """Name -> the bytes of a picture with the canary in every place such a file has for words."""
    made: dict[str, bytes] = {}
    plain = picture()
    file = io.BytesIO()
    plain.save(file, "JPEG", exif=_exif(CANARY), icc_profile=_icc(CANARY), comment=CANARY.encode(), xmp=_xmp(CANARY))
    jpeg = file.getvalue()
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(CANARY) + 5) + b"\x1c\x02\x78\x00\x08" + CANARY.encode()
    extra = (
        _segment(0xED, iptc) + b"".join(_segment(0xE3 + n, CANARY.encode() * 3) for n in range(9)) + _segment(0xFE, CANARY.encode())
    )
    made["camera.jpg"] = jpeg[:2] + extra + jpeg[2:] + CANARY.encode() * 20  # and behind its end, as a motion photo has its film
    thumbnail = io.BytesIO()
    picture(32).save(thumbnail, "JPEG", comment=CANARY.encode())
    made["thumbnail.jpg"] = jpeg[:2] + _segment(0xE1, b"Exif\x00\x00" + thumbnail.getvalue()) + jpeg[2:]
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", CANARY)
    notes.add_text("Comment", CANARY, zip=True)
    notes.add_itxt("XML:com.adobe.xmp", _xmp(CANARY).decode(), "en", CANARY)
    for mode in ("RGB", "RGBA", "P", "L", "LA", "I;16", "1"):
        file = io.BytesIO()
        shown = plain.convert("RGBA" if mode == "LA" else "I" if mode == "I;16" else mode)
        shown = shown.convert("LA") if mode == "LA" else shown.convert("I;16") if mode == "I;16" else shown
        shown.save(file, "PNG", pnginfo=notes, exif=_exif(CANARY), icc_profile=_icc(CANARY))
        made[f"{mode.lower().replace(';', '')}.png"] = file.getvalue()
    for lossless in (True, False):
        file = io.BytesIO()
        plain.save(file, "WEBP", lossless=lossless, exif=_exif(CANARY), xmp=_xmp(CANARY), icc_profile=_icc(CANARY))
        made[f"{'lossless' if lossless else 'lossy'}.webp"] = file.getvalue()
    heif = pillow_heif.from_pillow(plain)
    heif.info["exif"], heif.info["xmp"] = _exif(CANARY), _xmp(CANARY)
    file = io.BytesIO()
    heif.save(file, quality=60)
    made["phone.heic"] = file.getvalue()
    return made


# ---- what is left in a picture of ours ---------------------------------------------------------------------------------

ALLOWED = {0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xE0}  # frame, tables, scan, restarts, JFIF


def left_over(jpeg: bytes) -> list[str]:
    """All that is in these bytes beside the picture itself: segments of other kinds, words, whatever lies behind the end."""
    found = [f"the canary at byte {jpeg.index(CANARY.encode())}"] if CANARY.encode() in jpeg else []
    if jpeg[:2] != b"\xff\xd8":
        return [*found, "no JPEG"]
    at = 2
    while at + 4 <= len(jpeg):
        marker, length = jpeg[at + 1], struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        if jpeg[at] != 0xFF or marker not in ALLOWED:
            return [*found, f"segment {marker:02X}"]
        if marker == 0xE0 and (length != 16 or jpeg[at + 4 : at + 9] != b"JFIF\x00"):
            return [*found, "a JFIF segment with more in it"]
        at += 2 + length
        if marker == 0xDA:
            break
    while at + 1 < len(jpeg):  # the scans, and what stands between those of a progressive picture
        if jpeg[at] == 0xFF and jpeg[at + 1] not in (0x00, *range(0xD0, 0xD8)):
            if jpeg[at + 1] == 0xD9:
                return found if at + 2 == len(jpeg) else [*found, f"{len(jpeg) - at - 2} bytes behind its end"]
            if jpeg[at + 1] not in ALLOWED:
                return [*found, f"segment {jpeg[at + 1]:02X}"]
            at += 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        else:
            at += 1
    return [*found, "no end"]


# ---- what is made to break ---------------------------------------------------------------------------------------------


def _png(width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 8, colour: int = 2) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(*it) for it in chunks) + chunk(b"IEND", b"")


def _flood(side: int, colour: int = 2) -> bytes:
    """A flat picture of side x side: kilobytes to send."""
    row = b"\x00" + b"\x00" * (side * {0: 1, 2: 3, 6: 4}[colour])
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return _png(side, side, (b"IDAT", rows), colour=colour)


def _scans(times: int, side: int = 6000) -> bytes:
    """A progressive JPEG whose last scan comes again and again: each costs a walk through the whole picture."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), "gray").save(file, "JPEG", progressive=True, quality=30)
    jpeg = file.getvalue()
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * times + b"\xff\xd9"


def polyglots() -> Iterator[tuple[str, bytes]]:
    """A picture and something else at once."""
    file = io.BytesIO()
    picture().save(file, "JPEG")
    jpeg = file.getvalue()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil.sh", "#!/bin/sh\n")
    page = b"<!doctype html><script>alert(1)</script>"
    yield "zip behind.jpg", jpeg + packed.getvalue()
    yield "page behind.jpg", jpeg + page
    yield "page in a comment.jpg", jpeg[:2] + _segment(0xFE, page) + jpeg[2:]
    yield "php in a comment.jpg", jpeg[:2] + _segment(0xFE, b"<?php system($_GET['c']); ?>") + jpeg[2:]
    yield "pdf in a comment.jpg", jpeg[:2] + _segment(0xFE, b"%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>endobj") + jpeg[2:]
    yield "script in a text.png", _png(1, 1, (b"tEXt", b"a\x00" + page), (b"IDAT", zlib.compress(b"\x00\x01\x02\x03")))
    yield "page behind.png", _png(1, 1, (b"IDAT", zlib.compress(b"\x00\x01\x02\x03"))) + page
    yield "page in an unknown chunk.png", _png(1, 1, (b"zzZz", page), (b"IDAT", zlib.compress(b"\x00\x01\x02\x03")))
    web = io.BytesIO()
    picture().save(web, "WEBP", xmp=page)
    yield "page in xmp.webp", web.getvalue()


OTHER_THAN_PICTURES = (b"<script", b"<?php", b"%PDF", b"PK\x03\x04", b"<!doctype")


def hostile(n: int) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of at least the fixed ones, filled up to n with broken copies of good pictures."""
    fixed = [*_fixed(), *polyglots()]
    yield from fixed
    good = list(with_metadata().items())
    chance = random.Random(311)
    for number in range(max(0, n - len(fixed))):
        name, content = good[number % len(good)]
        broken = bytearray(content)
        how = number % 5
        if how == 0:
            del broken[chance.randrange(4, len(broken)) :]
        elif how == 1:
            for _ in range(chance.randrange(1, 40)):
                broken[chance.randrange(12, len(broken))] = chance.randrange(256)
        elif how == 2:  # lengths and counts are what decoders trip over
            at = chance.randrange(12, len(broken) - 4)
            broken[at : at + 4] = chance.choice(
                (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00")
            )
        elif how == 3:
            at = chance.randrange(12, len(broken))
            broken[at:at] = broken[max(0, at - 200) : at] * chance.randrange(1, 30)
        else:
            at = chance.randrange(12, len(broken))
            del broken[at : at + chance.randrange(1, 200)]
        yield f"broken {number} of {name}", bytes(broken)


def _fixed() -> Iterator[tuple[str, bytes]]:
    file = io.BytesIO()
    picture().save(file, "JPEG")
    jpeg = file.getvalue()
    frame = jpeg.index(b"\xff\xc0")
    yield "65535 x 65535.jpg", jpeg[: frame + 5] + b"\xff\xff\xff\xff" + jpeg[frame + 9 :]
    yield "0 x 0.jpg", jpeg[: frame + 5] + b"\x00\x00\x00\x00" + jpeg[frame + 9 :]
    yield "255 components.jpg", jpeg[: frame + 9] + b"\xff" + jpeg[frame + 10 :]
    yield "a thousand segments.jpg", jpeg[:2] + _segment(0xE5, b"x") * 20_000 + jpeg[2:]
    yield "no end.jpg", jpeg[:-2]
    yield "head alone.jpg", jpeg[:20]
    yield "a frame in itself.jpg", jpeg[:2] + jpeg + jpeg[2:]
    yield "2147483647 wide.png", _png(2**31 - 1, 1, (b"IDAT", b""))
    yield "60000 x 60000.png", _png(60_000, 60_000, (b"IDAT", zlib.compress(b"\x00" * 1000)))
    yield "9000 x 9000.png", _flood(9000)
    yield "7000 x 7000 with alpha.png", _flood(7000, colour=6)
    yield "unpacks without end.png", _png(64, 64, (b"IDAT", zlib.compress(b"\x00" * 200_000_000)))
    yield (
        "a text of 100 MB.png",
        _png(1, 1, (b"zTXt", b"a\x00\x00" + zlib.compress(b"x" * 100_000_000)), (b"IDAT", zlib.compress(b"\x00\x01\x02\x03"))),
    )
    yield (
        "a profile of 100 MB.png",
        _png(1, 1, (b"iCCP", b"a\x00\x00" + zlib.compress(b"x" * 100_000_000)), (b"IDAT", zlib.compress(b"\x00\x01\x02\x03"))),
    )
    yield "palette without colours.png", _png(8, 8, (b"IDAT", zlib.compress(b"\x00" * 72)), colour=3)
    yield "16 bits of nothing.png", _png(8, 8, (b"IDAT", b""), depth=16)
    yield "chunk of 4 GB.png", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR"
    yield "empty", b""
    yield "svg.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
    yield "gif.jpg", b"GIF89a\xff\xff\xff\xff\x80\x00\x00"
    yield "tiff.jpg", b"II*\x00\xff\xff\xff\x7f"
    yield "postscript.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(/etc/passwd) (r) file\n"
    yield "heic of boxes.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1" + b"\x00\x00\x00\x08meta" * 4000
    yield "heic of 4 GB.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00heicmif1\xff\xff\xff\xffmdat"
    yield "webp of 4 GB.webp", b"RIFF\xff\xff\xff\xffWEBPVP8X\xff\xff\xff\xff" + b"\xff" * 60
    web = io.BytesIO()
    picture(16).save(web, "WEBP", save_all=True, append_images=[picture(16, n) for n in range(2, 200)], duration=1)
    yield "a film of 200.webp", web.getvalue()


def killers() -> Iterator[tuple[str, bytes]]:
    """What only the fence around the child stops: it takes memory or time without end."""
    yield "thousands of scans.jpg", _scans(4000)
    yield "more scans of a smaller one.jpg", _scans(20_000, 3000)
