"""Writes the images of this folder, and beside each what Pillow makes of it.

    python make_fixtures.py        # Pillow 13.0.0, numpy

`decode/NAME.EXT` is an image; `decode/NAME.EXT.ppm` is ImageOps.exif_transpose(Image.open(...)).convert("RGB").
`refused/NAME.EXT` must not be read. `resize/W1xH1-W2xH2.ppm` is what `resize/W1xH1.ppm` becomes under BILINEAR.
"""

import io
import pathlib
import shutil
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageOps

here = pathlib.Path(__file__).resolve().parent
width, height = 37, 29


def scene(w=width, h=height):
    """A smooth picture with an edge, a grain, and all of the dark and bright ends."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    grain = np.random.default_rng(7).integers(-9, 10, (h, w, 3))
    rgb = np.stack([255 * x / max(w - 1, 1), 255 * y / max(h - 1, 1), 128 + 127 * np.sin(x / 5) * np.cos(y / 7)], -1)
    rgb[(x - w / 2) ** 2 + (y - h / 2) ** 2 < (min(w, h) / 4) ** 2] = (250, 30, 60)
    return np.clip(rgb + grain, 0, 255).astype(np.uint8)


rgb = scene()
photo = Image.fromarray(rgb)
gray = photo.convert("L")
alpha = Image.fromarray((np.indices((height, width)).sum(0) * 4 % 256).astype(np.uint8))
rgba = photo.copy()
rgba.putalpha(alpha)


def ppm(array):
    return b"P6 %d %d 255\n" % (array.shape[1], array.shape[0]) + np.ascontiguousarray(array).tobytes()


def keep(name, data):
    (here / "decode" / name).write_bytes(data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode == "I;16":
        # Pillow's conversion clips at 255; the high byte is what it keeps of every other image of 16 bits.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image = image.convert("RGB")
    (here / "decode" / (name + ".ppm")).write_bytes(ppm(np.asarray(image)))


def refuse(name, data):
    (here / "refused" / name).write_bytes(data)


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


# PNG, chunk by chunk: Pillow does not write most kinds.


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(w, h, depth, color, interlace=0):
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, color, 0, 0, interlace))


def rows(samples, depth):
    """samples: (h, w, channels) of integers below 1 << depth; every row with filter 0."""
    h = samples.shape[0]
    flat = samples.reshape(h, -1)
    if depth == 16:
        packed = [row.astype(">u2").tobytes() for row in flat]
    else:
        bits = (flat[:, :, None] >> np.arange(depth)[::-1]) & 1
        packed = [np.packbits(row.reshape(-1).astype(np.uint8)).tobytes() for row in bits]
    return b"".join(b"\0" + row for row in packed)


adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, depth, color, before=b"", after=b"", interlace=0):
    h, w = samples.shape[:2]
    if interlace:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in adam7]
        data = b"".join(rows(part, depth) for part in passes if part.size)
    else:
        data = rows(samples, depth)
    return (
        header(w, h, depth, color, interlace)
        + before
        + chunk(b"IDAT", zlib.compress(data, 9))
        + after
        + chunk(b"IEND", b"")
    )


def exif(orientation, order="<", kind=3, count=1):
    field = struct.pack(order + ("HH" if kind == 3 else "I"), *((orientation, 0) if kind == 3 else (orientation,)))
    entry = struct.pack(order + "HHI", 0x112, kind, count) + field
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, 1) + entry + b"\0\0\0\0"


def xmp(orientation):
    return b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>' % orientation


linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def make_png():
    g = np.asarray(gray).astype(np.int64)[:, :, None]
    a = np.asarray(alpha).astype(np.int64)[:, :, None]
    c = rgb.astype(np.int64)
    wide = lambda samples: samples * 257 ^ 0x5A
    low = (g * 3) % 700
    indices = np.asarray(photo.quantize(200)).astype(np.int64)[:, :, None]
    colors = np.random.default_rng(3).integers(0, 256, (256, 3), dtype=np.uint8)
    palette = lambda count: chunk(b"PLTE", colors[:count].tobytes())
    trns = chunk(b"tRNS", bytes(range(0, 200)))
    kinds = {
        "gray1": (g >> 7, 1, 0, b""),
        "gray2": (g >> 6, 2, 0, b""),
        "gray4": (g >> 4, 4, 0, b""),
        "gray8": (g, 8, 0, b""),
        "gray8-trns": (g, 8, 0, chunk(b"tRNS", b"\0\x40")),
        "gray16": (wide(g), 16, 0, b""),
        "gray16-low": (low, 16, 0, b""),
        "gray16-trns": (low, 16, 0, chunk(b"tRNS", b"\0\x40")),
        "gray-alpha8": (np.concatenate([g, a], 2), 8, 4, b""),
        "gray-alpha16": (wide(np.concatenate([g, a], 2)), 16, 4, b""),
        "rgb8": (c, 8, 2, b""),
        "rgb8-trns": (c, 8, 2, chunk(b"tRNS", struct.pack(">HHH", 250, 30, 60))),
        "rgb16": (wide(c), 16, 2, b""),
        "rgba8": (np.concatenate([c, a], 2), 8, 6, b""),
        "rgba16": (wide(np.concatenate([c, a], 2)), 16, 6, b""),
        "palette1": (g >> 7, 1, 3, palette(2)),
        "palette2": (g >> 6, 2, 3, palette(4)),
        "palette4": (g >> 4, 4, 3, palette(16)),
        "palette8": (indices, 8, 3, palette(200)),
        "palette8-trns": (indices, 8, 3, palette(200) + trns),
        "palette8-short": (indices, 8, 3, palette(150)),
    }
    for name, (samples, depth, color, before) in kinds.items():
        keep(name + ".png", png(samples, depth, color, before))
        keep(name + "-interlaced.png", png(samples, depth, color, before, interlace=1))
    tiny = lambda **options: png(c[:5, :7], 8, 2, **options)
    keep("rgb8-exif-6.png", tiny(before=chunk(b"eXIf", exif(6))))
    keep("rgb8-exif-after-8.png", tiny(after=chunk(b"eXIf", exif(8, ">"))))
    keep("rgb8-exif-prefix-3.png", tiny(before=chunk(b"eXIf", b"Exif\0\0" + exif(3))))
    keep("rgb8-xmp-5.png", tiny(before=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(5))))
    keep("rgb8-gamma.png", tiny(before=chunk(b"gAMA", struct.pack(">I", 100000))))
    keep("rgb8-profile.png", tiny(before=chunk(b"iCCP", b"linear\0\0" + zlib.compress(linear))))
    keep("rgb8-profile-broken.png", tiny(before=chunk(b"iCCP", b"broken\0\0" + b"not deflated")))
    keep("rgb8-text.png", tiny(before=chunk(b"tEXt", b"Comment\0hello") + chunk(b"prVt", b"private")))
    keep("rgb8-text-bomb.png", tiny(after=chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 16), 9))))
    frames = [photo.crop((0, 0, 9, 8)), ImageOps.invert(photo.crop((0, 0, 9, 8)))]
    keep("animated.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    for name, size in {"1x1": (1, 1), "1x40": (1, 40), "40x1": (40, 1), "31x33": (31, 33)}.items():
        keep(name + ".png", saved(Image.fromarray(scene(*size)), "PNG"))
    refuse("bomb.png", header(100_000, 100_000, 8, 2) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b""))
    refuse("profile-bomb.png", header(100_000, 100_000, 8, 2) + chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 22))))
    refuse("zero-wide.png", header(0, 5, 8, 2) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b""))
    refuse("no-palette.png", header(2, 1, 8, 3) + chunk(b"IDAT", zlib.compress(b"\0\0\0")) + chunk(b"IEND", b""))
    broken = bytearray(png(c, 8, 2))
    broken[len(broken) // 2] ^= 0x55
    refuse("wrong-checksum.png", bytes(broken))


# JPEG.


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def with_segment(jpeg, marker, data):
    return jpeg[:2] + segment(marker, data) + jpeg[2:]


def make_jpeg():
    keep("gray.jpg", saved(gray, "JPEG", quality=90))
    for subsampling, name in enumerate(("444", "422", "420")):
        keep(name + ".jpg", saved(photo, "JPEG", quality=88, subsampling=subsampling))
        keep(name + "-progressive.jpg", saved(photo, "JPEG", quality=88, subsampling=subsampling, progressive=True))
    plain = saved(photo.crop((0, 0, 19, 13)), "JPEG", quality=90)
    keep("low-quality.jpg", saved(photo, "JPEG", quality=20))
    keep("rgb.jpg", saved(photo, "JPEG", quality=90, keep_rgb=True))
    keep("restarts.jpg", saved(photo, "JPEG", quality=90, restart_marker_blocks=2))
    cmyk = Image.fromarray(np.concatenate([rgb, np.asarray(alpha)[:, :, None] // 2], 2), "CMYK")
    inks = saved(cmyk, "JPEG", quality=92)
    keep("cmyk.jpg", inks)
    keep("cmyk-progressive.jpg", saved(cmyk, "JPEG", quality=92, progressive=True))
    adobe = inks.index(b"Adobe")
    assert inks[adobe + 11] == 0
    keep("ycck.jpg", inks[: adobe + 11] + b"\2" + inks[adobe + 12 :])
    keep("cmyk-no-adobe.jpg", inks[: adobe - 4] + inks[adobe + 12 :])
    for orientation in range(1, 9):
        order = "<>"[orientation % 2]
        keep(f"exif-{orientation}.jpg", with_segment(plain, 0xE1, b"Exif\0\0" + exif(orientation, order)))
    cases = {
        "exif-long": exif(6, "<", kind=4),
        "exif-two-values": exif(6, "<", count=2),
        "exif-nine": exif(9),
        "exif-zero": exif(0),
        "exif-byte": exif(6, "<", kind=1),
        "exif-string": exif(6, "<", kind=2),
    }
    for name, block in cases.items():
        keep(name + ".jpg", with_segment(plain, 0xE1, b"Exif\0\0" + block))
    for name, block in {
        "exif-empty": b"",
        "exif-cut": exif(6)[:15],
        "exif-far": exif(6)[:4] + b"\xff\xff\xff\x7f" + exif(6)[8:],
        "exif-random": bytes(range(40, 90)),
    }.items():
        (here / "decode" / (name + ".jpg")).write_bytes(with_segment(plain, 0xE1, b"Exif\0\0" + block))
        (here / "decode" / (name + ".jpg.ppm")).write_bytes(ppm(np.asarray(Image.open(io.BytesIO(plain)))))
    keep("xmp-8.jpg", with_segment(plain, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(8)))
    keep("profile.jpg", with_segment(plain, 0xE2, b"ICC_PROFILE\0\1\1" + linear))
    keep("profile-srgb.jpg", with_segment(plain, 0xE2, b"ICC_PROFILE\0\1\1" + srgb))
    keep("profile-broken.jpg", with_segment(plain, 0xE2, b"ICC_PROFILE\0\1\1nonsense"))
    keep("trailing.jpg", plain + b"something after the end")
    progressive = saved(photo.crop((0, 0, 19, 13)), "JPEG", quality=88, progressive=True)
    first = progressive.index(b"\xff\xda")
    second = progressive.index(b"\xff\xc4", first)
    scan = progressive[first:second]
    refuse("many-scans.jpg", progressive[:second] + scan * 120 + progressive[second:])
    frame = plain.index(b"\xff\xc0")
    size = struct.pack(">HH", 65500, 65500)
    refuse("bomb.jpg", plain[: frame + 5] + size + plain[frame + 9 :])
    refuse("bomb-progressive.jpg", progressive.replace(b"\xff\xc2\0\x11\x08\0\x0d\0\x13", b"\xff\xc2\0\x11\x08" + size))
    refuse("zero-high.jpg", plain[: frame + 5] + b"\0\0" + plain[frame + 7 :])
    refuse("twelve-bits.jpg", plain[: frame + 4] + b"\x0c" + plain[frame + 5 :])
    scan_start = plain.index(b"\xff\xda")
    refuse("no-pixels.jpg", plain[: scan_start + 20] + b"\xff\xd9")


# WebP.


def riff(*chunks):
    body = b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def bitstream(webp):
    """The chunks of a file without extended header."""
    return webp[12:]


def u24(value):
    return struct.pack("<I", value)[:3]


def make_webp():
    keep("lossy.webp", saved(photo, "WEBP", quality=80))
    keep("lossless.webp", saved(photo, "WEBP", lossless=True))
    keep("lossy-alpha.webp", saved(rgba, "WEBP", quality=80))
    keep("lossless-alpha.webp", saved(rgba, "WEBP", lossless=True, exact=True))
    keep("exif-6.webp", saved(photo, "WEBP", lossless=True, exif=exif(6)))
    keep("exif-prefix-3.webp", saved(photo, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(3)))
    keep("xmp-2.webp", saved(photo, "WEBP", lossless=True, xmp=xmp(2)))
    keep("profile.webp", saved(photo, "WEBP", lossless=True, icc_profile=linear))
    keep("profile-broken.webp", saved(photo, "WEBP", lossless=True, icc_profile=b"nonsense"))
    frames = [photo, ImageOps.invert(photo)]
    keep("animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
    part = bitstream(saved(photo.crop((0, 0, 9, 7)), "WEBP", lossless=True))
    frame = u24(4) + u24(3) + u24(9 - 1) + u24(7 - 1) + u24(100) + b"\0" + part
    canvas = b"\2\0\0\0" + u24(30 - 1) + u24(20 - 1)
    keep("animated-part.webp", riff((b"VP8X", canvas), (b"ANIM", bytes(6)), (b"ANMF", frame)))
    outside = u24(14) + frame[3:]
    refuse("frame-outside.webp", riff((b"VP8X", canvas), (b"ANIM", bytes(6)), (b"ANMF", outside)))
    lossless = saved(photo, "WEBP", lossless=True)
    bits = struct.unpack("<I", lossless[21:25])[0]
    refuse("bomb.webp", lossless[:21] + struct.pack("<I", bits & ~0xFFFFFFF | 16382 | 16382 << 14) + lossless[25:])
    huge = b"\2\0\0\0" + u24(60_000 - 1) + u24(60_000 - 1)
    refuse("bomb-canvas.webp", riff((b"VP8X", huge), (b"ANIM", bytes(6)), (b"ANMF", frame)))


# What is not an image at all.


def make_others():
    refuse("empty.png", b"")
    refuse("text.jpg", b"Dear reader,\nthis is a letter and not a picture.\n")
    refuse("random.webp", np.random.default_rng(11).integers(0, 256, 300, dtype=np.uint8).tobytes())
    refuse("gif.png", saved(gray.crop((0, 0, 4, 4)), "GIF"))
    refuse("bmp.jpg", saved(photo.crop((0, 0, 2, 2)), "BMP"))
    refuse("signature.png", b"\x89PNG\r\n\x1a\n")
    refuse("signature.jpg", b"\xff\xd8\xff")
    refuse("signature.webp", b"RIFF\x10\0\0\0WEBP")


def make_resize():
    folder = here / "resize"
    targets = {
        (31, 33): [(1, 1), (7, 33), (31, 8), (16, 17), (15, 16), (64, 70), (90, 12), (12, 90), (32, 34), (30, 5)],
        (1, 50): [(1, 7), (5, 50), (9, 60), (3, 4)],
        (50, 1): [(7, 1), (50, 5), (60, 9), (4, 3)],
        (1, 1): [(3, 5), (1, 9)],
        (2, 2): [(17, 1), (1, 17), (5, 5)],
        (20, 60): [(10, 20), (19, 57), (10, 40), (10, 39)],
    }
    for (w, h), sizes in targets.items():
        source = Image.fromarray(np.random.default_rng(w * 100 + h).integers(0, 256, (h, w, 3), dtype=np.uint8))
        (folder / f"{w}x{h}.ppm").write_bytes(ppm(np.asarray(source)))
        for size in sizes:
            result = np.asarray(source.resize(size, Image.Resampling.BILINEAR))
            (folder / f"{w}x{h}-{size[0]}x{size[1]}.ppm").write_bytes(ppm(result))


for name in ("decode", "refused", "resize"):
    shutil.rmtree(here / name, ignore_errors=True)
    (here / name).mkdir()
make_png()
make_jpeg()
make_webp()
make_others()
make_resize()
