#!/usr/bin/env python3
"""Long runs of `m2fp sequence` on a shot of small frames that this script draws.

    sequences.py memory PROGRAM [-m WEIGHTS] [--frames 10000]   resident memory after a hundredth of the frames and at the end
    sequences.py kill PROGRAM [-m WEIGHTS] [--times 20]         kill -9 at random moments, --resume, the same bytes

Needs Python 3.9 and Linux's /proc, nothing else. Exit status 1 if the run is not as it should be.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib


def png(width, height, pixel):
    """An RGB PNG file of the colors that `pixel(x, y)` gives."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def draw(folder, count):
    """A shot of `count` frames: a figure that walks to and fro. Frames that look the same are one file with many names."""
    width, height, steps = 96, 64, 32
    folder.mkdir()
    for step in range(min(steps, count)):
        middle = 20 + 2 * min(step, steps - step)

        def pixel(x, y):
            if (x - middle) ** 2 + (y - 16) ** 2 < 50:
                return (220, 180, 150)
            if abs(x - middle) < 8 and 22 < y < 60:
                return (170, 30 + y, 40)
            return (40 + x, 90 + y, 120 + (x * 7 + y * 5 + step) % 16)

        (folder / f"shot.{step:06d}.png").write_bytes(png(width, height, pixel))
    for index in range(steps, count):
        os.symlink(f"shot.{index % steps:06d}.png", folder / f"shot.{index:06d}.png")


def resident(process):
    """Resident memory in MiB."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def memory(command, frames):
    start = time.monotonic()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    samples = {}
    for line in process.stderr:
        if line.startswith("Progress: "):
            samples[int(line[10:].rstrip("%\n"))] = resident(process)
    if process.wait() != 0 or 1 not in samples:
        sys.exit(f"the run ended with status {process.returncode}")
    first, last = samples[1], samples[99]
    rate = frames / (time.monotonic() - start)
    print(f"resident memory: {first:.1f} MiB after frame {frames // 100}, {max(samples.values()):.1f} MiB at most, "
          f"{last:.1f} MiB after frame {frames * 99 // 100}; {rate:.1f} frames/s")
    if last - first > 10:
        sys.exit("it grew by more than 10 MiB")


def results(folder):
    """Every file's bytes; the manifest without times."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(files.pop("sequence.json"))
    for frame in manifest["frames"]:
        del frame["milliseconds"]
    return files, manifest


def kill(command, folder, times):
    whole = folder / "whole"
    start = time.monotonic()
    subprocess.run(command + ["-o", whole], check=True, stderr=subprocess.DEVNULL)
    duration = time.monotonic() - start
    expected = results(whole)
    for index in range(times):
        out = folder / f"killed{index}"
        moment = random.uniform(0, duration)
        process = subprocess.Popen(command + ["-o", out], stderr=subprocess.DEVNULL)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
        subprocess.run(command + ["-o", out, "--resume"], check=True, stderr=subprocess.DEVNULL)
        if results(out) != expected:
            sys.exit(f"{out}: killed after {moment:.2f} s, the results differ")
    print(f"{times} runs killed within {duration:.1f} s and gone on with: the same bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["memory", "kill"])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("-m", "--weights")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    frames = options.frames or (10_000 if options.what == "memory" else 60)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        draw(folder / "in", frames)
        command = [options.program.resolve(), "sequence", folder / "in"]
        command += ["-m", options.weights] if options.weights else []
        if options.what == "memory":
            memory(command + ["-o", folder / "out", "--output", "mattes,people", "--parts", "hair"], frames)
        else:
            kill(command + ["--output", "mattes,people", "--parts", "hair"], folder, options.times)


if __name__ == "__main__":
    main()
