"""Resizes a frame with this package, Pillow and OpenCV, in one run, and checks that our bytes are Pillow's.

    pip install numpy pillow opencv-python-headless
    swift build -c release --product bench
    python Benchmarks/resize.py [--bench .build/release/bench] [--from 1080x1920] [--to 640x1138] [--threads 2] [--json]

Each figure is the least of --rounds medians; the engines take turns, so that a busy machine is unfair to none. Pillow
has no threads. OpenCV's INTER_LINEAR takes four pixels for each result, without regard to how much the frame shrinks:
less work, and not antialiased.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import cv2
import numpy
from PIL import Image


def size(text):
    height, width = text.split("x")
    return int(height), int(width)


def frame(height, width):
    """Waves with noise: neither flat nor only noise."""
    generator = numpy.random.default_rng(1)
    y, x = numpy.mgrid[0:height, 0:width]
    waves = numpy.stack([numpy.sin(x / 17 + y / 29 + color) for color in range(3)], axis=-1)
    return numpy.clip(127 + 90 * waves + generator.normal(0, 20, waves.shape), 0, 255).astype(numpy.uint8)


def median_seconds(work, runs):
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def ours(arguments, pixels, folder):
    """The median, and the resized frame."""
    source, result = os.path.join(folder, "frame.rgb"), os.path.join(folder, "resized.rgb")
    pixels.tofile(source)
    command = [arguments.bench, "resize", source, "--from", "%dx%d" % arguments.from_size, "--to", "%dx%d" % arguments.to,
               "--threads", str(arguments.threads), "--runs", str(arguments.runs), "--output", result, "--json"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return answer["seconds"], numpy.fromfile(result, numpy.uint8).reshape(*arguments.to, 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=".build/release/bench", help="the program")
    parser.add_argument("--from", dest="from_size", type=size, default=(1080, 1920), metavar="HEIGHTxWIDTH")
    parser.add_argument("--to", type=size, default=(640, 1138), metavar="HEIGHTxWIDTH")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=51)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()

    cv2.setNumThreads(arguments.threads)
    pixels = frame(*arguments.from_size)
    image = Image.fromarray(pixels)
    target = (arguments.to[1], arguments.to[0])
    others = {
        "Pillow, BILINEAR": lambda: image.resize(target, Image.BILINEAR),
        "OpenCV, INTER_AREA": lambda: cv2.resize(pixels, target, interpolation=cv2.INTER_AREA),
        "OpenCV, INTER_LINEAR": lambda: cv2.resize(pixels, target, interpolation=cv2.INTER_LINEAR),
    }
    seconds = {name: float("inf") for name in ["this package", *others]}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(arguments.rounds):
            median, resized = ours(arguments, pixels, folder)
            seconds["this package"] = min(seconds["this package"], median)
            for name, work in others.items():
                seconds[name] = min(seconds[name], median_seconds(work, arguments.runs))
    same = bool((resized == numpy.asarray(image.resize(target, Image.BILINEAR))).all())

    if arguments.json:
        print(json.dumps({"seconds": seconds, "same_bytes_as_pillow": same}, indent=2))
    else:
        print("%d x %d to %d x %d, %d threads" % (*arguments.from_size, *arguments.to, arguments.threads))
        for name, value in seconds.items():
            print("%-22s %7.2f ms  %5.2f x ours" % (name, value * 1e3, value / seconds["this package"]))
        print("our bytes are Pillow's" if same else "OUR BYTES ARE NOT PILLOW'S")
    raise SystemExit(0 if same else 1)


if __name__ == "__main__":
    main()
