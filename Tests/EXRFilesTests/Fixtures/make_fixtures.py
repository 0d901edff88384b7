"""Writes the plates of this folder, and beside each what OpenEXR's own Python package, or OpenImageIO, reads of it.

    python make_fixtures.py        # OpenEXR 3.5.3, OpenImageIO 3.2.2, numpy

`plates/NAME.exr` is a plate; `plates/NAME.half` has its red, green, blue and alpha as little-endian half-precision numbers
behind a line with width and height. `refused/NAME.exr` must not be read.
"""

import pathlib
import shutil
import struct

import numpy as np
import OpenEXR
import OpenImageIO as oiio

here = pathlib.Path(__file__).resolve().parent
width, height = 37, 29


def scene(w=width, h=height, dtype=np.float32):
    """A scene-linear picture with lights above 1, dark and negative values, and soft alpha, premultiplied."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    rgba = np.stack([4 * x / w, np.sin(x / 5) * np.cos(y / 7) * 0.6 + 0.5, 2.0 ** (y / 3 - 7), np.ones_like(x)], -1)
    rgba[(x - w / 2) ** 2 + (y - h / 2) ** 2 < 40] *= 0.25
    rgba[:3, :3, 0] = -0.01
    return rgba.astype(dtype)


def expect(name, rgba):
    rgba = np.ascontiguousarray(rgba.astype("<f2"))
    head = b"%d %d\n" % (rgba.shape[1], rgba.shape[0])
    (here / "plates" / f"{name}.half").write_bytes(head + rgba.tobytes())


def path(name):
    return str(here / "plates" / f"{name}.exr")


def planes(rgba, names):
    return {name: np.ascontiguousarray(rgba[..., index]) for index, name in enumerate(names)}


def write(name, rgba, names="RGBA", compression=OpenEXR.ZIP_COMPRESSION, **header):
    """Writes a file of scan lines, and expects what the package reads of it; missing alpha is 1, gray is threefold."""
    header = {"compression": compression, "type": OpenEXR.scanlineimage, **header}
    OpenEXR.File(header, planes(rgba, names)).write(path(name))
    with OpenEXR.File(path(name), separate_channels=True) as file:
        read = [file.channels()[name].pixels.astype(np.float64) for name in names]
    if len(read) <= 2:
        read = [read[0]] * 3 + read[1:]
    if len(read) == 3:
        read.append(np.ones_like(read[0]))
    expect(name, np.clip(np.stack(read, -1), -65504, 65504) if rgba.dtype != np.uint32 else np.stack(read, -1))


def write_tiled(name, rgba, **attributes):
    spec = oiio.ImageSpec(rgba.shape[1], rgba.shape[0], 4, "float" if rgba.dtype == np.float32 else "half")
    spec.tile_width = spec.tile_height = 16
    for key, value in attributes.items():
        spec.attribute(key, value)
    output = oiio.ImageOutput.create(path(name))
    assert output.open(path(name), spec), oiio.geterror()
    output.write_image(rgba.astype(np.float32))
    output.close()
    expect(name, oiio.ImageBuf(path(name)).get_pixels("half"))


def write_attributes(rgba):
    spec = oiio.ImageSpec(width, height, 4, "half")
    spec.attribute("FramesPerSecond", oiio.TypeRational, (24000, 1001))
    spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, (0x01020304, 0))
    spec.attribute("DateTime", "2026:01:02 03:04:05")
    spec.attribute("owner", "somebody")
    spec.attribute("reelName", "A001")
    spec.attribute("isoSpeed", 800.0)
    spec.attribute("takes", 7)
    spec.attribute("worldToCamera", oiio.TypeMatrix, tuple(float(value) for value in range(16)))
    spec.attribute("chromaticities", "float[8]", (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329))
    output = oiio.ImageOutput.create(path("attributes"))
    assert output.open(path("attributes"), spec), oiio.geterror()
    output.write_image(rgba.astype(np.float32))
    output.close()
    expect("attributes", rgba)


def luminance_chroma(rgba):
    """The bytes of an uncompressed file of Y for every pixel, and RY and BY for every other one of every other line."""
    y = rgba[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
    chroma = {"RY": (rgba[..., 0] - y) / y, "BY": (rgba[..., 2] - y) / y}
    chroma = {name: plane.clip(-9, 9)[::2, ::2] for name, plane in chroma.items()}
    rows, columns = y.shape
    channels = b"".join(
        name.encode() + b"\0" + struct.pack("<iB3xii", 1, 0, sampling, sampling)
        for name, sampling in [("BY", 2), ("RY", 2), ("Y", 1)])
    box = struct.pack("<4i", 0, 0, columns - 1, rows - 1)
    header = struct.pack("<II", 20000630, 2)
    for name, kind, value in [
        ("channels", "chlist", channels + b"\0"), ("compression", "compression", b"\0"), ("dataWindow", "box2i", box),
        ("displayWindow", "box2i", box), ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1)), ("screenWindowCenter", "v2f", struct.pack("<2f", 0, 0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1)),
    ]:
        header += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
    header += b"\0"
    lines = []
    for row in range(rows):
        planes = [chroma["BY"][row // 2], chroma["RY"][row // 2], y[row]] if row % 2 == 0 else [y[row]]
        data = b"".join(plane.astype("<f2").tobytes() for plane in planes)
        lines.append(struct.pack("<ii", row, len(data)) + data)
    places = np.cumsum([len(header) + 8 * rows] + [len(line) for line in lines[:-1]])
    return header + places.astype("<u8").tobytes() + b"".join(lines)


def main():
    for folder in ["plates", "refused"]:
        shutil.rmtree(here / folder, ignore_errors=True)
        (here / folder).mkdir()
    half, single = scene(dtype=np.float16), scene()

    for compression in ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB"]:
        code = getattr(OpenEXR, f"{compression}_COMPRESSION")
        write(f"half-{compression.lower()}", half, compression=code)
        write(f"float-{compression.lower()}", single, compression=code)
    write("uint", (np.abs(single) * 9).astype(np.uint32))
    write("rgb", half[..., :3], "RGB")
    write("gray", half[..., :1], "Y")
    write("gray-alpha", half[..., [0, 3]], "YA")
    write("decreasing", half, lineOrder=OpenEXR.DECREASING_Y)
    write("one-pixel", half[:1, :1])
    windows = {
        "overscan": ((-4, -3), (10, 9)), "inside": ((5, 6), (100, 90)), "outside": ((500, 600), (10, 10)),
    }
    for name, (corner, frame) in windows.items():
        last = (corner[0] + width - 1, corner[1] + height - 1)
        write(
            name, half, dataWindow=(np.array(corner, np.int32), np.array(last, np.int32)),
            displayWindow=(np.array((0, 0), np.int32), np.array((frame[0] - 1, frame[1] - 1), np.int32)))
    write_attributes(half)

    write_tiled("tiled", half)
    write_tiled("tiled-float-piz", single, compression="piz")
    write_tiled("tiled-dwaa", half, compression="dwaa:45")
    mips = oiio.ImageBuf(path("tiled"))
    assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, mips, path("mipmap")), oiio.geterror()
    expect("mipmap", oiio.ImageBuf(path("mipmap")).get_pixels("half"))

    # Layers: of one part, and as parts.
    layers = {f"beauty.{name}": plane for name, plane in planes(half, "RGBA").items()}
    layers |= {f"ViewLayer.Depth.{name}": plane for name, plane in planes(half[..., :1] * 9, "Z").items()}
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, layers).write(path("layer"))
    expect("layer", half)
    parts = [
        OpenEXR.Part({"name": "matte", "type": OpenEXR.scanlineimage}, planes(half[..., :1], "Z")),
        OpenEXR.Part({"name": "plate", "type": OpenEXR.scanlineimage}, planes(half, "RGBA")),
        OpenEXR.Part({"name": "other", "type": OpenEXR.scanlineimage}, planes(half * 0, "RGBA")),
    ]
    OpenEXR.File(parts).write(path("parts"))
    expect("parts", half)

    # Of one hue, so that no filter of chroma shows.
    tinted = half[:28, :36, 1:2].astype(np.float64) * [1.5, 0.9, 0.6, 0] + [0, 0, 0, 1]
    (here / "plates/luminance-chroma.exr").write_bytes(luminance_chroma(tinted))
    expect("luminance-chroma", tinted)

    refuse(half)


def refuse(half):
    whole = (here / "plates/half-zip.exr").read_bytes()
    (here / "refused/truncated.exr").write_bytes(whole[: len(whole) * 2 // 3])
    (here / "refused/header.exr").write_bytes(whole[:100])
    (here / "refused/depth.exr").write_bytes(b"")
    OpenEXR.File({"type": OpenEXR.scanlineimage}, planes(half[..., :1], "Z")).write(str(here / "refused/depth.exr"))
    window = whole.index(b"dataWindow\0box2i\0") + 21
    (here / "refused/huge.exr").write_bytes(
        whole[:window] + np.array([0, 0, 200_000, 200_000], "<i4").tobytes() + whole[window + 16 :])
    (here / "refused/empty-window.exr").write_bytes(
        whole[:window] + np.array([0, 0, -1, -1], "<i4").tobytes() + whole[window + 16 :])
    (here / "refused/endless-attribute.exr").write_bytes(
        whole[: window - 4] + np.array([0x7FFFFFFF], "<i4").tobytes() + whole[window:])
    spec = oiio.ImageSpec(4, 3, 5, "float")
    spec.channelnames = ("R", "G", "B", "A", "Z")
    spec.deep = True
    deep = oiio.DeepData()
    deep.init(12, 5, ("float",) * 5, spec.channelnames)
    for pixel in range(12):
        deep.set_samples(pixel, pixel % 3)
    output = oiio.ImageOutput.create("deep.exr")
    assert output.open(str(here / "refused/deep.exr"), spec), oiio.geterror()
    assert output.write_deep_image(deep), output.geterror()
    output.close()


main()
