"""Writes the images of the folders `tiff` and `heif`, and beside each its pixels as other programs read or made them.

    python make_tiff_heif_fixtures.py        # Pillow 13.0.0, tifffile 2026.3.3, imagecodecs, pillow-heif 1.8.1, numpy

`tiff/NAME.tif.ppm` has the pixels from which the image was made; where it does not hold them, what Pillow reads.
16-bit samples are v << 8 | v ^ 0x5A of a byte v, so that their high bytes are those of the 8-bit picture.
"""

import io
import pathlib
import shutil
import struct

import numpy as np
import pillow_heif
import tifffile
from PIL import Image, ImageCms

here = pathlib.Path(__file__).resolve().parent
width, height = 37, 29


def scene(w=width, h=height):
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    rgb = np.stack([255 * x / (w - 1), 255 * y / (h - 1), 128 + 127 * np.sin(x / 5) * np.cos(y / 7)], -1)
    rgb[(x - w / 2) ** 2 + (y - h / 2) ** 2 < 49] = (250, 30, 60)
    return np.clip(rgb, 0, 255).astype(np.uint8)


rgb = scene()
gray = np.asarray(Image.fromarray(rgb).convert("L"))
alpha = (np.indices((height, width)).sum(0) * 4 % 256).astype(np.uint8)
rgba = np.concatenate([rgb, alpha[:, :, None]], 2)
p3 = Image.open(here / "profiles" / "p3.png").info["icc_profile"]
repeated = lambda plane: np.repeat(plane[:, :, None], 3, 2)


def wide(samples):
    return samples.astype(np.uint16) << 8 | samples.astype(np.uint16) ^ 0x5A


def keep(name, data, pixels=None):
    path = here / name
    path.write_bytes(data)
    if pixels is None:
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    header = b"P6 %d %d 255\n" % (pixels.shape[1], pixels.shape[0])
    path.with_name(path.name + ".ppm").write_bytes(header + np.ascontiguousarray(pixels, np.uint8).tobytes())


def tiff(samples, **options):
    out = io.BytesIO()
    tifffile.imwrite(out, samples, metadata=None, software=False, **options)
    return out.getvalue()


def raw(w, h, tags, data):
    """A little-endian file of one strip; tags: number to (type, values)."""
    tags = {256: (4, [w]), 257: (4, [h]), 259: (3, [1]), 273: (4, [8]), 278: (4, [h]), 279: (4, [len(data)]), **tags}
    start = 8 + len(data) + len(data) % 2
    entries, further = b"", b""
    behind = start + 2 + 12 * len(tags) + 4
    for tag, (kind, values) in sorted(tags.items()):
        packed = struct.pack("<%d%s" % (len(values), {3: "H", 4: "I"}[kind]), *values)
        entries += struct.pack("<HHI", tag, kind, len(values))
        entries += packed.ljust(4, b"\0") if len(packed) <= 4 else struct.pack("<I", behind + len(further))
        further += packed if len(packed) > 4 else b""
    return (b"II*\0" + struct.pack("<I", start) + data + b"\0" * (len(data) % 2) + struct.pack("<H", len(tags))
            + entries + b"\0\0\0\0" + further)


def packed(samples, bits):
    bits = (samples.reshape(height, -1)[:, :, None] >> np.arange(bits)[::-1]) & 1
    return b"".join(np.packbits(row.reshape(-1).astype(np.uint8)).tobytes() for row in bits)


def make_tiff():
    for bits in (1, 2, 4):
        low = gray >> 8 - bits
        scale = 255 // ((1 << bits) - 1)
        for photometric, name in ((1, f"gray{bits}"), (0, f"gray{bits}-white")):
            shown = low * scale if photometric else 255 - low * scale
            keep(f"tiff/{name}.tif", raw(width, height, {258: (3, [bits]), 262: (3, [photometric])}, packed(low, bits)),
                 repeated(shown))
        colors = np.random.default_rng(3).integers(0, 65536, (3, 1 << bits))
        keep(f"tiff/palette{bits}.tif",
             raw(width, height, {258: (3, [bits]), 262: (3, [3]), 320: (3, colors.reshape(-1).tolist())}, packed(low, bits)),
             (colors >> 8).T[low])
    keep("tiff/group4.tif", saved(Image.fromarray(gray).convert("1", dither=0), "TIFF", compression="group4"))
    keep("tiff/gray8.tif", tiff(gray), repeated(gray))
    keep("tiff/gray16.tif", tiff(wide(gray)), repeated(gray))
    keep("tiff/gray16-big.tif", tiff(wide(gray), byteorder=">"), repeated(gray))
    keep("tiff/rgb8.tif", tiff(rgb, photometric="rgb"), rgb)
    keep("tiff/rgb16.tif", tiff(wide(rgb), photometric="rgb"), rgb)
    keep("tiff/rgb16-planes.tif", tiff(wide(rgb).transpose(2, 0, 1), photometric="rgb", planarconfig="separate"), rgb)
    keep("tiff/rgb8-tiles.tif", tiff(rgb, photometric="rgb", tile=(16, 16), compression="zlib"), rgb)
    keep("tiff/rgb16-tiles.tif", tiff(wide(rgb), photometric="rgb", tile=(32, 16), compression="lzw", predictor=True), rgb)
    for compression in ("packbits", "lzw", "zlib", "zstd", "lzma"):
        keep(f"tiff/{compression}.tif", tiff(rgb, photometric="rgb", compression=compression, rowsperstrip=7), rgb)
    keep("tiff/bigtiff.tif", tiff(rgb, photometric="rgb", bigtiff=True), rgb)
    keep("tiff/planes.tif", tiff(rgb.transpose(2, 0, 1), photometric="rgb", planarconfig="separate", rowsperstrip=10), rgb)
    keep("tiff/jpeg.tif", saved(Image.fromarray(rgb), "TIFF", compression="jpeg", quality=95))
    inks = np.concatenate([255 - rgb, alpha[:, :, None] // 2], 2)
    keep("tiff/cmyk.tif", saved(Image.fromarray(inks, "CMYK"), "TIFF"))
    keep("tiff/ycbcr.tif", saved(Image.fromarray(rgb).convert("YCbCr"), "TIFF"))
    keep("tiff/rgba8.tif", tiff(rgba, photometric="rgb", extrasamples=["unassalpha"]), rgb)
    keep("tiff/rgba16.tif", tiff(wide(rgba), photometric="rgb", extrasamples=["unassalpha"]), rgb)
    keep("tiff/rgbx8.tif", tiff(rgba, photometric="rgb", extrasamples=["unspecified"]), rgb)
    share = alpha[:, :, None] / 255
    multiplied = np.round(rgb * share).astype(np.uint8)
    straight = np.where(alpha[:, :, None] > 0, np.round(multiplied / np.maximum(share, 1e-9)), 0).clip(0, 255)
    keep("tiff/premultiplied8.tif",
         tiff(np.concatenate([multiplied, alpha[:, :, None]], 2), photometric="rgb", extrasamples=["assocalpha"]), straight)
    keep("tiff/gray-alpha8.tif", tiff(np.stack([gray, alpha], 2), photometric="minisblack", planarconfig="contig",
                                      extrasamples=["unassalpha"]), repeated(gray))
    values = rgb / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    linear[0, 0] = (-1, np.nan, 7)
    shown = rgb.copy()
    shown[0, 0] = (0, 0, 255)
    keep("tiff/float.tif", tiff(linear.astype(np.float32), photometric="rgb"), shown)
    keep("tiff/float-tiles.tif", tiff(linear.astype(np.float32), photometric="rgb", tile=(16, 16), compression="zlib",
                                      predictor=True), shown)
    keep("tiff/half.tif", tiff(linear.astype(np.float16), photometric="rgb"), shown)
    turned = [(274, 3, 1, 6, True)]
    keep("tiff/orientation-6.tif", tiff(wide(rgba), photometric="rgb", extrasamples=["unassalpha"], extratags=turned),
         np.rot90(rgb, -1))
    profile = (here / "profiles" / "p3.png.ppm").read_bytes()
    shown = np.frombuffer(profile[profile.index(b"\n") + 1:], np.uint8).reshape(height, width, 3)
    photo = np.asarray(Image.open(here / "profiles" / "p3.png"))
    keep("tiff/p3.tif", tiff(photo, photometric="rgb", iccprofile=p3), shown)
    keep("tiff/p3-16.tif", tiff(photo.astype(np.uint16) * 257, photometric="rgb", iccprofile=p3), shown)
    pages = io.BytesIO()
    with tifffile.TiffWriter(pages) as writer:
        for page in (rgb, 255 - rgb):
            writer.write(page, photometric="rgb", metadata=None, software=False)
    keep("tiff/pages.tif", pages.getvalue(), rgb)


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def in_srgb(data):
    image = Image.open(io.BytesIO(data)).convert("RGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(p3))
    return np.asarray(ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"))


def make_heif():
    pillow_heif.register_heif_opener()
    picture = Image.fromarray(scene(64, 48))
    translucent = picture.copy()
    translucent.putalpha(Image.fromarray((np.indices((48, 64)).sum(0) * 2 % 256).astype(np.uint8)))
    keep("heif/rgb8.heic", saved(picture, "HEIF", quality=90, chroma=444))
    keep("heif/420.heic", saved(picture, "HEIF", quality=90))
    keep("heif/alpha.heic", saved(translucent, "HEIF", quality=90, chroma=444))
    wide_gamut = saved(picture, "HEIF", quality=90, chroma=444, icc_profile=p3)
    keep("heif/p3.heic", wide_gamut, in_srgb(wide_gamut))
    orientation = Image.Exif()
    orientation[0x112] = 6
    turned = saved(picture, "HEIF", quality=90, chroma=444, exif=orientation.tobytes())
    keep("heif/turned.heic", turned)
    deep = pillow_heif.from_bytes(mode="RGB;16", size=(64, 48), data=wide(scene(64, 48)).astype("<u2").tobytes())
    out = io.BytesIO()
    deep.save(out, quality=95, chroma=444)
    keep("heif/ten.heic", out.getvalue())
    keep("heif/rgb8.avif", saved(picture, "AVIF", quality=90, subsampling="4:4:4"))
    keep("heif/alpha.avif", saved(translucent, "AVIF", quality=90, subsampling="4:4:4"))
    wide_gamut = saved(picture, "AVIF", quality=90, subsampling="4:4:4", icc_profile=p3)
    keep("heif/p3.avif", wide_gamut, in_srgb(wide_gamut))


for name in ("tiff", "heif"):
    shutil.rmtree(here / name, ignore_errors=True)
    (here / name).mkdir()
make_tiff()
make_heif()
