"""Does the work of `bench masks` with OpenCV, on the same pictures and in the same run, and prints how they compare.

    pip install opencv-python-headless numpy
    swift build -c release --product bench
    python3 Benchmarks/masks_opencv.py [--bench .build/release/bench] [--threads 2] [--runs 9]

Merging: masks of 8 bits are cut at one half and painted, `medianBlur` with aperture 3, a PNG. Mattes: the guided filter of
He, Sun and Tang with the photograph's colours as its guide, from `boxFilter`, as exact as the paper has it and as fast
(arXiv 1505.00996, the same subsampling as ours). OpenCV's own `ximgproc.guidedFilter` is not in its main package.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import cv2
import numpy as np


def merge(masks, colors):
    canvas = np.zeros((*masks[0].shape, 3), np.uint8)
    for mask, color in zip(masks, colors):
        canvas[mask > 127] = color
    return cv2.medianBlur(canvas, 3)


def merge_copying(masks, solids):
    """The same by whole pictures of one colour, made beforehand: the fastest way to paint that OpenCV has."""
    canvas = np.zeros((*masks[0].shape, 3), np.uint8)
    for mask, solid in zip(masks, solids):
        cv2.copyTo(solid, cv2.threshold(mask, 127, 255, cv2.THRESH_BINARY)[1], canvas)
    return cv2.medianBlur(canvas, 3)


def mattes(photo, masks, radius, epsilon, cell):
    """Refined mattes that add up to at most 1 with each other, 0 to 1."""
    height, width = photo.shape[:2]
    guide = photo.astype(np.float32) / 255
    values = [mask.astype(np.float32) / 255 for mask in masks]
    coarse_guide = guide
    if cell > 1:
        size = (-(-width // cell), -(-height // cell))
        coarse_guide = cv2.resize(guide, size, interpolation=cv2.INTER_AREA)
        values = [cv2.resize(value, size, interpolation=cv2.INTER_AREA) for value in values]
    total = np.maximum(sum(values), 1)
    values = [value / total for value in values]
    window = 2 * max((radius + cell // 2) // cell, 1) + 1
    # A mean over what lies within the picture.
    ones = cv2.boxFilter(np.ones(values[0].shape, np.float32), -1, (window, window), normalize=False,
                         borderType=cv2.BORDER_CONSTANT)
    def mean(plane):
        return cv2.boxFilter(plane, -1, (window, window), normalize=False, borderType=cv2.BORDER_CONSTANT) / ones
    channels = cv2.split(coarse_guide)
    means = [mean(channel) for channel in channels]
    covariance = {(i, j): mean(channels[i] * channels[j]) - means[i] * means[j] + (epsilon if i == j else 0)
                  for i in range(3) for j in range(i, 3)}
    xx, xy, xz, yy, yz, zz = (covariance[key] for key in sorted(covariance))
    cofactors = [[yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy], None, None]
    cofactors[1] = [cofactors[0][1], xx * zz - xz * xz, xy * xz - xx * yz]
    cofactors[2] = [cofactors[0][2], cofactors[1][2], xx * yy - xy * xy]
    determinant = xx * cofactors[0][0] + xy * cofactors[0][1] + xz * cofactors[0][2]
    inverse = [[cofactor / determinant for cofactor in row] for row in cofactors]
    results = []
    for value in values:
        level = mean(value)
        cross = [mean(channel * value) - average * level for channel, average in zip(channels, means)]
        slopes = [row[0] * cross[0] + row[1] * cross[1] + row[2] * cross[2] for row in inverse]
        offset = level - sum(slope * average for slope, average in zip(slopes, means))
        model = cv2.merge([mean(slope) for slope in slopes] + [mean(offset)])
        if cell > 1:
            model = cv2.resize(model, (size[0] * cell, size[1] * cell), interpolation=cv2.INTER_LINEAR)[:height, :width]
        # Axes (height, width), slopes by colours and the offset.
        results.append(np.clip(cv2.transform(model[..., :3] * guide, np.ones((1, 3), np.float32)) + model[..., 3], 0, 1))
    total = np.maximum(sum(results), 1)
    return [result / total for result in results]


def seconds(runs, work, *arguments):
    """The median of `runs` after one that is not counted, and the last result."""
    result = work(*arguments)
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        result = work(*arguments)
        times.append(time.perf_counter() - start)
    return statistics.median(times), result


def compare(folder, ours, runs):
    plan = json.loads((folder / 'plan.json').read_text())
    colors = [color[::-1] for color in plan['colors']]
    photo = cv2.imread(str(folder / 'photo.png'))
    def series(kind):
        return [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(folder.glob(f'{kind}-*.png'))]
    masks, matte_goldens = series('mask'), series('matte')
    solids = [np.full_like(photo, color) for color in colors]

    painting, merged = seconds(runs, merge, masks, colors)
    copying, again = seconds(runs, merge_copying, masks, solids)
    assert (merged == again).all()
    encoding, _ = seconds(runs, lambda: cv2.imencode('.png', merged))
    merging = ours['merge and median'] + ours['encode the colour map as PNG']
    print(f"PNG: OpenCV {encoding * 1e3:.1f} ms, ours {ours['encode the colour map as PNG'] * 1e3:.1f} ms")
    difference = np.abs(merged.astype(int) - cv2.imread(str(folder / 'color.png')).astype(int))
    print('merge, median and PNG')
    report('painted by NumPy', painting + encoding, merging)
    report('painted by copyTo', copying + encoding, merging)
    print(f'  values that differ: {np.count_nonzero(difference)} of {difference.size}')

    refining = ours['mattes, guided filter']
    print('mattes, guided filter')
    settings = (photo, masks, plan['radius'], plan['epsilon'])
    for name, cell in (('exact', 1), (f"fast, subsampling {plan['subsampling']}", plan['subsampling'])):
        time_taken, found = seconds(max(runs // 3, 1), mattes, *settings, cell)
        report(name, time_taken, refining)
        difference = np.abs(np.stack(found) * 255 - np.stack(matte_goldens))
        print(f'  difference from ours, of 255: mean {difference.mean():.4f}, largest {difference.max():.1f}')


def report(name, theirs, ours):
    print(f'  {name:22} OpenCV {theirs * 1e3:7.1f} ms, ours {ours * 1e3:6.1f} ms: ours takes {ours / theirs:.2f} of the time')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--bench', default='.build/release/bench')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--runs', type=int, default=9)
    options = parser.parse_args()
    cv2.setNumThreads(options.threads)
    print(f'OpenCV {cv2.__version__}, NumPy {np.__version__}, {options.threads} threads')
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run(
            [options.bench, 'masks', '--full-size', '--json', '--threads', str(options.threads), '--runs',
             str(options.runs), '--write', folder], check=True, capture_output=True, text=True)
        stages = {stage['name']: stage['seconds'] for stage in json.loads(answer.stdout)['stages']}
        compare(pathlib.Path(folder), stages, options.runs)


if __name__ == '__main__':
    main()
