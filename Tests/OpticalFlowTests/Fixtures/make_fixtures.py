"""Writes opencv.json: the mean endpoint errors of OpenCV's DIS for known motions of a photograph.

    pip install opencv-python-headless pillow        # 5.0
    python make_fixtures.py

The motions and pictures are those of KnownMotion.swift.
"""
import json
import math
import pathlib

import cv2
import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT, ORIGIN = 241, 135, (117, 60)


def source():
    """Luma of the sample photograph at half its size."""
    photo = np.asarray(Image.open(HERE.parents[2] / 'Docs/Samples/two-people.jpg').convert('RGB')).astype(np.float64)
    luma = photo @ [218 / 1024, 732 / 1024, 74 / 1024]
    height, width = luma.shape
    luma = luma[:height // 2 * 2, :width // 2 * 2]
    return ((luma[::2, ::2] + luma[1::2, ::2] + luma[::2, 1::2] + luma[1::2, 1::2]) / 4).astype(np.float32)


def pair(plane, motion):
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    flow, back, light = motion(x, y)
    first = cv2.remap(plane, x + ORIGIN[0], y + ORIGIN[1], cv2.INTER_LINEAR)
    second = cv2.remap(plane, (back[0] + ORIGIN[0]).astype(np.float32), (back[1] + ORIGIN[1]).astype(np.float32),
                       cv2.INTER_LINEAR)
    return first, light(second), np.stack(flow, -1)


def same(picture):
    return picture


def shift(dx, dy, light=same):
    return lambda x, y: ((0 * x + dx, 0 * y + dy), (x - dx, y - dy), light)


def affine(angle, scale):
    c, s = scale * math.cos(math.radians(angle)), scale * math.sin(math.radians(angle))
    middle = WIDTH / 2, HEIGHT / 2

    def motion(x, y):
        u, v = x - middle[0], y - middle[1]
        square = c * c + s * s
        return ((c * u - s * v - u, s * u + c * v - v),
                ((c * u + s * v) / square + middle[0], (c * v - s * u) / square + middle[1]), same)
    return motion


def walker(x, y):
    def inside(x, y):
        return ((x - 110) / 35) ** 2 + ((y - 70) / 50) ** 2 <= 1
    here, there = inside(x, y), inside(x - 8, y - 3)
    return ((np.where(here, 8, -3), np.where(here, 3, 0)),
            (np.where(there, x - 8, x + 3), np.where(there, y - 3, y)), same)


MOTIONS = {
    'still': shift(0, 0), 'shift': shift(6.3, -2.6), 'far': shift(24, 9),
    'light': shift(-3.5, 1.25, lambda picture: picture * 0.8 + 20), 'turn': affine(3, 1), 'zoom': affine(0, 1.06),
    'walker': walker,
}


def main():
    plane, errors = source(), {}
    for name, motion in MOTIONS.items():
        first, second, truth = pair(plane, motion)
        # OpenCV takes bytes.
        first, second = (np.clip(np.rint(p), 0, 255).astype(np.uint8) for p in (first, second))
        for refined in (False, True):
            search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
            search.setFinestScale(0)
            if not refined:
                search.setVariationalRefinementIterations(0)
            error = np.linalg.norm(search.calc(first, second, None) - truth, axis=-1)[8:-8, 8:-8].mean()
            errors[name + ('_refined' if refined else '')] = round(float(error), 4)
    (HERE / 'opencv.json').write_text(json.dumps(errors, indent=2) + '\n')
    print(errors)


main()
