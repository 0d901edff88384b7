"""Checks what m2fp reads and writes in OpenEXR files, and of color and depth in others, with other programs.

    python check.py M2FP SAMPLES FOLDER

M2FP is the program, SAMPLES the folder with astronaut.png, FOLDER an empty one for files.
"""

import io
import json
import pathlib
import subprocess
import sys

import cryptomatte_api
import numpy as np
import OpenEXR
import OpenImageIO as oiio
import tifffile
from PIL import Image, ImageCms

program, samples, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
# A half-precision number is right to one part in this many; 16-bit samples are to 1e-5.
HALF = 2048


def m2fp(*arguments):
    result = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    assert result.returncode == 0, f"{arguments}: {result.stderr}"


def read(path, kind="uint8"):
    pixels = oiio.ImageBuf(str(path)).get_pixels(kind)
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def channels(path):
    """The channels of a file by name, and its header."""
    with OpenEXR.File(str(path), separate_channels=True) as file:
        return {name: channel.pixels for name, channel in file.channels().items()}, dict(file.header())


def linear(photograph):
    value = photograph.astype(np.float64) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def write_plate(path, pixels, corner=(0, 0), frame=None):
    """A half-precision plate whose data window begins at `corner` and whose display window has the size `frame`."""
    height, width = pixels.shape[:2]
    spec = oiio.ImageSpec(width, height, pixels.shape[2], "half")
    spec.x, spec.y = corner
    spec.full_width, spec.full_height = frame or (width, height)
    spec.attribute("smpte:TimeCode", oiio.TypeTimeCode, (0x01020304, 0))
    spec.attribute("FramesPerSecond", oiio.TypeRational, (24000, 1001))
    spec.attribute("reelName", "A001C002")
    spec.attribute("worldToCamera", oiio.TypeMatrix, tuple(float(value) for value in range(16)))
    spec.attribute("PixelAspectRatio", 2.0)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), oiio.geterror()
    assert output.write_image(pixels.astype(np.float32)), output.geterror()
    output.close()


def expect_close(name, found, expected, roundings=1, least=1e-5):
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    error = np.abs(found - expected) - roundings * np.abs(expected) / HALF - least
    assert error.max() <= 0, f"{name}: off by {np.abs(found - expected).max()}"


def plates_and_photographs_agree():
    m2fp("parse", samples / "astronaut.png", folder / "astronaut.exr", "-o", folder / "agree", "--output", "labels",
         "--keep-extension")
    photograph = read(folder / "agree/astronaut.png.labels.png")
    plate = read(folder / "agree/astronaut.exr.labels.png")
    same = (photograph == plate).all(-1).mean()
    print(f"label maps of a photograph and of its plate: {100 * same:.3f} % of the pixels are the same")
    assert same >= 0.99


def mattes_are_layers():
    out = folder / "mattes"
    m2fp("parse", folder / "overscan.exr", "-o", out, "--output", "mattes,exr,cryptomatte", "--matte-depth", 16,
         "--parts", "hair,face")
    found, header = channels(out / "overscan.mattes.exr")
    layers = ["person", "hair", "face", "p01", "p01_hair", "p01_face"]
    assert set(found) == {"R", "G", "B", "A"} | {f"{name}.R" for name in layers}, sorted(found)
    assert all(plane.dtype == np.float16 for plane in found.values())
    for name in ["person", "hair", "face", "p01"]:
        png = read(out / f"overscan.mattes/{name}.png", "uint16") / 65535
        expect_close(name, found[f"{name}.R"], png)
        assert png.max() > 0.9, name
    plate, plate_header = channels(folder / "overscan.exr")
    person = found["person.R"].astype(np.float64)
    for name in "RGB":
        expect_close(name, found[name], plate[name] * person, roundings=2)
        inside = person == 1
        assert (found[name][inside] == plate[name][inside]).all()
    expect_close("A", found["A"], person)
    for name in ["dataWindow", "displayWindow"]:
        assert np.array_equal(np.array(header[name]), np.array(plate_header[name])), name
    for name in ["timeCode", "framesPerSecond", "reelName", "worldToCamera", "pixelAspectRatio"]:
        name = name if name in plate_header else name[0].upper() + name[1:]
        assert str(header[name]) == str(plate_header[name]), (name, header[name], plate_header[name])
    assert header["software"].startswith("m2fp")
    assert oiio.ImageBuf(str(out / "overscan.mattes.exr")).spec().nchannels == len(found)
    return found


def cryptomattes_are_masks(layers):
    path = folder / "mattes/overscan.cryptomatte.exr"
    found, header = channels(path)
    assert set(found) == {f"Crypto{kind}0{layer}.{name}" for kind in ["Person", "Part"] for layer in range(3) for name in "RGBA"}
    assert all(plane.dtype == np.float32 for plane in found.values())
    assert json.loads(header["cryptomatte/3201c4f/manifest"])
    kinds = {matte.metadata().name(): matte for matte in cryptomatte_api.Cryptomatte.load(str(path))}
    assert set(kinds) == {"CryptoPerson", "CryptoPart"}, kinds
    for kind, name, layer in [
        ("CryptoPerson", "person01", "p01"), ("CryptoPart", "person01/hair", "p01_hair"),
        ("CryptoPart", "person01/face", "p01_face"),
    ]:
        expect_close(name, layers[f"{layer}.R"], kinds[kind].mask(name))
    coverage = sum(found[f"CryptoPart0{layer}.{name}"] for layer in range(3) for name in "GA")
    assert coverage.max() <= 1 + 1e-5, coverage.max()
    # Ranks beyond the sixth, and shares that 16 bits round to 0, are not there.
    expect_close("all parts", np.minimum(coverage, 1), layers["person.R"], least=2e-4)


def forms_are_the_same_mattes(layers):
    for compression in ["none", "rle", "zips", "piz"]:
        m2fp("parse", folder / "overscan.exr", "-o", folder / compression, "--output", "exr", "--parts", "hair,face",
             "--matte-channel", "RGBA", "--exr-compression", compression)
        found, _ = channels(folder / compression / "overscan.mattes.exr")
        assert len(found) == 4 + 4 * (len(layers) - 4)
        for name, plane in layers.items():
            assert (found[name] == plane).all(), (compression, name)
            if "." in name:
                assert (found[name[:-1] + "A"] == plane).all()


def shots_have_the_same_channels():
    shot = folder / "shot"
    shot.mkdir()
    photograph = linear(read(samples / "astronaut.png"))[..., :3]
    for number in range(1001, 1005):
        write_plate(shot / f"plate.{number}.exr", photograph * (0.001 if number == 1001 else 1))
    m2fp("sequence", shot / "plate.####.exr", "-o", folder / "out", "--output", "exr,cryptomatte", "--parts", "hair",
         "--exr-people", 2)
    frames = [channels(folder / f"out/exr/plate.{number}.exr")[0] for number in range(1001, 1005)]
    expected = {"R", "G", "B", "A"} | {f"{name}.R" for name in ["person", "hair", "p01", "p02", "p01_hair", "p02_hair"]}
    assert all(set(frame) == expected for frame in frames), sorted(frames[0])
    assert all((frame["p02.R"] == 0).all() for frame in frames)
    assert frames[0]["p01.R"].max() == 0 and frames[3]["p01.R"].max() > 0.9
    headers = [channels(folder / f"out/cryptomatte/plate.{number}.exr")[1] for number in range(1001, 1005)]
    manifests = [json.loads(header["cryptomatte/3201c4f/manifest"]) for header in headers]
    assert all(manifest == manifests[0] for manifest in manifests)
    assert {"person01/hair", "person02/hair", "person01/other"} <= set(manifests[0])


def primaries_are_heeded():
    """A plate of P3 primaries has the label map of the photograph, and its own values come out."""
    photograph = linear(read(samples / "astronaut.png"))[..., :3]
    p3_of_srgb = np.array([[0.8224622, 0.1775380, 0], [0.0331942, 0.9668058, 0], [0.0170608, 0.0723974, 0.9105199]])
    path = folder / "p3.exr"
    colors = photograph @ p3_of_srgb.T
    height, width = colors.shape[:2]
    spec = oiio.ImageSpec(width, height, 3, "half")
    primaries = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)
    spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), primaries)
    output = oiio.ImageOutput.create(str(path))
    assert output.open(str(path), spec), oiio.geterror()
    assert output.write_image(colors.astype(np.float32)), output.geterror()
    output.close()
    m2fp("parse", path, "-o", folder / "p3", "--output", "labels,exr")
    m2fp("parse", path, "-o", folder / "rec709", "--output", "exr", "--color", "srgb", "--alpha", "straight")
    same = (read(folder / "p3/p3.labels.png") == read(folder / "agree/astronaut.png.labels.png")).all(-1).mean()
    print(f"label maps of a photograph and of its plate in P3: {100 * same:.3f} % of the pixels are the same")
    assert same >= 0.99
    plate, _ = channels(path)
    kept, header = channels(folder / "p3/p3.mattes.exr")
    assert np.allclose(np.array(header["chromaticities"], np.float64).reshape(-1), primaries, atol=1e-6), header
    converted, header = channels(folder / "rec709/p3.mattes.exr")
    assert "chromaticities" not in header and header["oiio:UnassociatedAlpha"] == 1, header
    inside = kept["A"] == 1
    for index, name in enumerate("RGB"):
        assert (kept[name][inside] == plate[name][inside]).all()
        seen = converted["A"] > 0
        expect_close(name, converted[name][seen], photograph[..., index][seen], roundings=4, least=1e-3)


def rgba(path, kind):
    """The values of a file with straight alpha as they are stored."""
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    return oiio.ImageBuf(str(path), 0, 0, config).get_pixels(kind)


def colors_and_depth_are_kept():
    profile = Image.open(samples / "../../Tests/ImageCodingTests/Fixtures/profiles/p3.png").info["icc_profile"]
    photograph = np.asarray(Image.open(samples / "astronaut.png").convert("RGB"))
    wide = photograph.astype(np.uint16) << 8 | np.arange(photograph.size, dtype=np.uint16).reshape(photograph.shape) & 255
    tifffile.imwrite(folder / "wide.tif", wide, photometric="rgb", iccprofile=profile, metadata=None)
    Image.fromarray(photograph).save(folder / "tagged.png", icc_profile=profile)
    m2fp("cutout", folder / "wide.tif", "-o", folder / "wide.png")
    m2fp("cutout", folder / "tagged.png", "-o", folder / "kept.png")
    m2fp("cutout", folder / "tagged.png", "-o", folder / "srgb.png", "--color", "srgb")
    cutout = rgba(folder / "wide.png", "uint16")
    assert cutout.dtype == np.uint16 and Image.open(folder / "wide.png").info["icc_profile"] == profile
    inside = cutout[..., 3] == 65535
    assert inside.any() and (cutout[..., :3][inside] == wide[inside]).all()
    assert (cutout[cutout[..., 3] == 0] == 0).all()
    # Wide gamut in, tagged out: the same colors once Little CMS has converted both.
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    def in_srgb(image):
        return np.asarray(ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")).astype(int)
    kept = Image.open(folder / "kept.png")
    assert kept.info["icc_profile"] == profile
    alpha = np.asarray(kept)[..., 3]
    inside, seen = alpha == 255, alpha > 0
    before = in_srgb(Image.open(folder / "tagged.png").convert("RGB"))
    after = in_srgb(Image.fromarray(np.asarray(kept)[..., :3].copy()))
    assert np.abs(before - after)[inside].max() <= 1
    converted = np.asarray(Image.open(folder / "srgb.png"))
    assert "icc_profile" not in Image.open(folder / "srgb.png").info
    assert (converted[..., 3] == alpha).all() and np.abs(converted[..., :3].astype(int) - before)[inside].max() <= 1


photograph = linear(read(samples / "astronaut.png"))[..., :3]
write_plate(folder / "astronaut.exr", photograph)
write_plate(folder / "overscan.exr", photograph, corner=(-16, -12), frame=(photograph.shape[1] - 32, photograph.shape[0] - 24))
plates_and_photographs_agree()
found = mattes_are_layers()
cryptomattes_are_masks(found)
forms_are_the_same_mattes(found)
shots_have_the_same_channels()
primaries_are_heeded()
colors_and_depth_are_kept()
print("OpenEXR, OpenImageIO and cryptomatte-api read what m2fp writes")
