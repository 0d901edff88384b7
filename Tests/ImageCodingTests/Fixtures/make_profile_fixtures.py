"""Writes the images of the folder `profiles`, and beside each what Little CMS makes of it in Pillow.

    python make_profile_fixtures.py        # Pillow 13.0.0, numpy

`profiles/NAME.EXT` has an ICC profile; `profiles/NAME.EXT.ppm` is what ImageCms.profileToProfile makes of its pixels in
sRGB.
"""

import io
import pathlib
import struct

import numpy as np
from PIL import Image, ImageCms, ImageOps

folder = pathlib.Path(__file__).resolve().parent / "profiles"
width, height = 37, 29


def fixed(*values):
    return struct.pack(">%di" % len(values), *(round(value * 65536) for value in values))


def xyz(*values):
    return b"XYZ \0\0\0\0" + fixed(*values)


def text(words):
    data = words.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(data)) + data + bytes(78)


srgb_curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def gamma(value):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def profile(name, space, tags):
    """A profile of a display, version 4 (ICC.1:2010): header, table of tags, and the tags."""
    tags = {b"desc": text(name), b"cprt": b"text\0\0\0\0none\0\0\0\0", b"wtpt": xyz(0.9642, 1, 0.8249), **tags}
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for signature, tag in tags.items():
        table += signature + struct.pack(">II", start + len(data), len(tag))
        data += tag + b"\0" * (-len(tag) % 4)
    header = struct.pack(">I4sI4s4s4s", start + len(data), b"\0\0\0\0", 0x04200000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + fixed(0.9642, 1, 0.8249)
    return header.ljust(128, b"\0") + table + data


def of_primaries(name, primaries, curve):
    red, green, blue = primaries
    return profile(name, b"RGB ", {b"rXYZ": xyz(*red), b"gXYZ": xyz(*green), b"bXYZ": xyz(*blue),
                                   b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


# Primaries adapted to D50. The sRGB that is linear has "sRGB" in its name, but other values.
p3 = of_primaries("Display P3", [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)],
                  srgb_curve)
adobe = of_primaries("Adobe RGB (1998)", [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087),
                                          (0.14919, 0.06322, 0.74457)], gamma(2.19921875))
srgb_primaries = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)]
linear = of_primaries("sRGB, linear", srgb_primaries, gamma(1))
unnamed = of_primaries("c2", srgb_primaries, srgb_curve)
gray_linear = profile("Gray, linear", b"GRAY", {b"kTRC": gamma(1)})


def scene():
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    rgb = np.stack([255 * x / (width - 1), 255 * y / (height - 1), 128 + 127 * np.sin(x / 5) * np.cos(y / 7)], -1)
    rgb[(x - width / 2) ** 2 + (y - height / 2) ** 2 < 49] = (250, 30, 60)
    return Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))


photo = scene()
gray = photo.convert("L")
translucent = photo.copy()
translucent.putalpha(Image.fromarray((np.indices((height, width)).sum(0) * 4 % 256).astype(np.uint8)))


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def keep(name, data):
    (folder / name).write_bytes(data)
    image = Image.open(io.BytesIO(data))
    source = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    image = ImageOps.exif_transpose(image)
    image = image if image.mode == "L" else image.convert("RGB")
    image = ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), renderingIntent=ImageCms.Intent.PERCEPTUAL, outputMode="RGB")
    pixels = np.asarray(image)
    (folder / (name + ".ppm")).write_bytes(b"P6 %d %d 255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes())


def split(jpeg, profile, size):
    """The profile in segments of so many bytes, the last one first."""
    parts = [profile[start:start + size] for start in range(0, len(profile), size)]
    segments = [b"ICC_PROFILE\0" + bytes([number + 1, len(parts)]) + part for number, part in enumerate(parts)]
    return jpeg[:2] + b"".join(
        b"\xff\xe2" + struct.pack(">H", len(segment) + 2) + segment for segment in reversed(segments)) + jpeg[2:]


folder.mkdir(exist_ok=True)
keep("p3.png", saved(photo, "PNG", icc_profile=p3))
keep("p3-alpha.png", saved(translucent, "PNG", icc_profile=p3))
keep("p3.webp", saved(photo, "WEBP", lossless=True, icc_profile=p3))
keep("p3.jpg", saved(photo, "JPEG", quality=95, icc_profile=p3))
keep("p3-split.jpg", split(saved(photo, "JPEG", quality=95), p3, 200))
orientation = Image.Exif()
orientation[0x112] = 6
keep("p3-exif-6.jpg", saved(photo, "JPEG", quality=95, icc_profile=p3, exif=orientation))
keep("adobe.png", saved(photo, "PNG", icc_profile=adobe))
keep("linear.png", saved(photo, "PNG", icc_profile=linear))
keep("unnamed-srgb.png", saved(photo, "PNG", icc_profile=unnamed))
keep("gray.png", saved(gray, "PNG", icc_profile=gray_linear))
keep("gray.jpg", saved(gray, "JPEG", quality=95, icc_profile=gray_linear))
