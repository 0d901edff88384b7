"""A photograph with its labels, and how it is mirrored, warped and cut."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

#: A pixel of a label map or an instance map that nobody has labelled.
UNKNOWN = 255

Image = np.ndarray  # (H, W, 3), uint8, RGB
Map = np.ndarray  # (H, W), uint8


@dataclass
class Picture:
    """A photograph and what is known of each of its pixels. The three have the same height and width."""

    image: Image
    #: Class of the part: 0 nobody, 255 unknown.
    labels: Map
    #: Person: 0 nobody, 1, 2, … persons, 255 unknown. A person may have pixels whose part is unknown.
    instances: Map

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.labels.shape

    def warped(
        self, matrix: np.ndarray, side: int, pairs: list[tuple[int, int]], border: int,
        color: tuple[float, ...] = (0, 0, 0),
    ) -> Picture:
        """The picture seen through a square window; `matrix` (2, 3) takes its pixels to the window's.

        What lies beyond the frame is nobody; `border` is OpenCV's way to fill the image there. If the matrix mirrors, the
        classes of each pair are exchanged: a left arm is seen as a right one.
        """
        labels, instances = (
            cv2.warpAffine(x, matrix, (side, side), flags=cv2.INTER_NEAREST) for x in (self.labels, self.instances))
        if np.linalg.det(matrix[:, :2]) < 0:
            labels = _exchanged(labels, pairs)
        return Picture(warp_image(self.image, matrix, side, border, color), labels, instances)

    @classmethod
    def of_one_person(cls, image: Image, labels: Map) -> Picture:
        """A photograph without instance map: whatever is labelled is one person."""
        instances = np.where(labels == UNKNOWN, UNKNOWN, labels > 0).astype(np.uint8)
        return cls(image, labels, instances)

    @classmethod
    def of_several_people(cls, image: Image, labels: Map, instances: Map) -> Picture:
        """A photograph with an instance map. Where the two maps contradict each other, nothing is known."""
        outside = (instances == 0) & (labels > 0)
        instances = np.where(outside, UNKNOWN, instances).astype(np.uint8)
        # Inside of a person, label 0 says that nobody has named the part.
        unnamed = (instances > 0) & ((labels == 0) | (instances == UNKNOWN))
        return cls(image, np.where(unnamed, UNKNOWN, labels).astype(np.uint8), instances)


def _exchanged(labels: Map, pairs: list[tuple[int, int]]) -> Map:
    table = np.arange(256, dtype=np.uint8)
    for a, b in pairs:
        table[a], table[b] = b, a
    return table[labels]


def placement(
    source: tuple[float, float], target: tuple[float, float], scale: tuple[float, float], degrees: float = 0
) -> np.ndarray:
    """The affine matrix (2, 3) that turns and scales around `source` (x, y) and moves that point to `target`.

    A negative scale of x mirrors.
    """
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    linear = np.diag(scale) @ turn
    return np.hstack([linear, (np.asarray(target) - linear @ np.asarray(source))[:, None]])


def warp_image(image: Image, matrix: np.ndarray, side: int, border: int, color: tuple[float, ...] = (0, 0, 0)) -> Image:
    """The image through a square window, linear; averaged first where it shrinks, so that nothing aliases."""
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    if scale < 0.6:
        height, width = image.shape[:2]
        shrunk = max(1, round(width * scale / 0.75)), max(1, round(height * scale / 0.75))
        image = cv2.resize(image, shrunk, interpolation=cv2.INTER_AREA)
        matrix = matrix.copy()
        matrix[:, 0] *= width / shrunk[0]
        matrix[:, 1] *= height / shrunk[1]
    return cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=color)


def figure_mask(picture: Picture, person: int) -> Map:
    """The pixels to cut a person out by, 0 or 1: the person's, and unknown ones that hang together with them."""
    own = picture.instances == person
    candidates = (own | (picture.instances == UNKNOWN)).astype(np.uint8)
    _, components = cv2.connectedComponents(candidates, connectivity=4)
    touching = np.bincount(components[own], minlength=components.max() + 1) > 0
    touching[0] = False
    return touching[components].astype(np.uint8)


def dissolved(image: Image, people: Map) -> Image:
    """The photograph with its people replaced by a smooth continuation of what surrounds them.

    Weighted averages over windows that grow until every hole has something to be filled with, on a small copy.
    """
    small = (64, 64)
    margin = cv2.dilate(people, np.ones((9, 9), np.uint8))
    outside = cv2.resize(1 - margin.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    known = (outside > 0.98).astype(np.float32)
    colors = cv2.resize(image, small, interpolation=cv2.INTER_AREA).astype(np.float32) * known[..., None]
    filled, done = colors.copy(), known > 0
    for window in (3, 7, 15, 31, 63):
        weight = cv2.blur(known, (window, window))
        hole = ~done & (weight > 0.02)
        filled[hole] = cv2.blur(colors, (window, window))[hole] / weight[hole, None]
        done |= hole
    if not done.all():
        filled[~done] = filled[done].mean(0) if done.any() else image.mean((0, 1))
    height, width = image.shape[:2]
    smooth = cv2.resize(filled.clip(0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.where(margin[..., None] > 0, smooth, image)
