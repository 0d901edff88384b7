"""Composes training samples: groups, close-ups, and photographs of several people as they are."""
from __future__ import annotations

import math
import random
from dataclasses import dataclass

import cv2
import numpy as np

from ..network.m2fp import PIXEL_MEAN
from .catalogue import Catalogue, Figure
from .degradation import degraded
from .picture import UNKNOWN, Map, Picture, figure_mask, placement, warp_image
from .sources import PictureCache


@dataclass(frozen=True)
class CompositionSettings:
    """How samples are drawn."""

    #: Width and height of a sample in pixels, a multiple of 32.
    side: int = 256
    #: Share of the samples that are photographs with instance maps, if there are any.
    scene_share: float = 0.5
    #: Share of the figures that are drawn for a rare class.
    rare_share: float = 0.45
    #: Share of the figures pasted into a sample that come from photographs with instance maps.
    passerby_share: float = 0.4
    #: Share of the samples in which garments lie or hang that nobody wears.
    loose_garment_share: float = 0.12
    #: Bytes of decoded pictures that one process keeps.
    cache: int = 1 << 30


class Composer:
    """Makes samples; a sample is a function of the seed and its index alone."""

    def __init__(
        self, catalogue: Catalogue, pairs: list[tuple[int, int]], garments: list[int], settings: CompositionSettings,
        seed: int,
    ):
        self.catalogue, self.pairs, self.garments, self.settings = catalogue, pairs, frozenset(garments), settings
        self.seed = seed
        self.cache = PictureCache(settings.cache)
        self.rare = {id(figures): catalogue.rare(figures) for figures in (catalogue.portraits, catalogue.passersby)}
        self.scene_weights = [catalogue.photographs[k].share for k in catalogue.scenes]

    def sample(self, index: int) -> Picture:
        """The sample of this index, (side, side)."""
        rng = random.Random(f"{self.seed}/{index}")
        catalogue, settings = self.catalogue, self.settings
        is_scene = bool(catalogue.scenes) and (not catalogue.portraits or rng.random() < settings.scene_share)
        if is_scene:
            canvas = self._scene(rng)
            pasted = rng.choice([0, 0, 0, 1, 1, 2])
        else:
            is_group = rng.random() < 0.5
            canvas = self._portrait(rng, is_group)
            pasted = rng.choice([1, 1, 2, 2, 3, 4]) if is_group else 0
        if rng.random() < settings.loose_garment_share:
            for _ in range(rng.randint(1, 3)):
                self._drop_garment(canvas, rng)
        for _ in range(pasted):
            self._paste(canvas, rng)
        canvas.image = degraded(canvas.image, rng)
        return canvas

    def _scene(self, rng: random.Random) -> Picture:
        """A photograph with an instance map: random part, size and aspect; beyond the frame is the mean colour."""
        chosen = rng.choices(self.catalogue.scenes, self.scene_weights)[0]
        picture, _ = self.cache.load(self.catalogue.photographs[chosen])
        (height, width), side = picture.size, self.settings.side
        scale = log_uniform(rng, 0.62, 1.7) * side / math.sqrt(height * width)
        aspect = math.sqrt(log_uniform(rng, 0.7, 1.45))
        extent = width * scale * aspect, height * scale / aspect
        corner = tuple(rng.uniform(*sorted((0.0, side - length))) for length in extent)
        is_mirrored = rng.random() < 0.5
        matrix = placement(
            (width if is_mirrored else 0, 0), corner, (_signed(scale * aspect, is_mirrored), scale / aspect))
        return picture.warped(matrix, side, self.pairs, cv2.BORDER_CONSTANT, PIXEL_MEAN)

    def _portrait(self, rng: random.Random, is_group: bool) -> Picture:
        """One figure in its photograph: whole if others will join, else from small to a close-up.

        Beyond the frame the photograph goes on mirrored, its people dissolved, so that no one unlabelled appears.
        """
        figure = self._drawn(self.catalogue.portraits, rng)
        picture, background = self.cache.load(self.catalogue.photographs[figure.photograph])
        side = self.settings.side
        box = _box(picture.instances == figure.person)
        height = log_uniform(rng, 0.35, 1.0) if is_group else log_uniform(rng, 0.4, 4.5)
        source, target = _focus(box, height > 1, rng)
        matrix = self._placement(box, height, source, (target[0] * side, target[1] * side), rng)
        sample = picture.warped(matrix, side, self.pairs, cv2.BORDER_CONSTANT)
        inside = cv2.warpAffine(np.ones(picture.size, np.uint8), matrix, (side, side), flags=cv2.INTER_NEAREST)
        around = warp_image(background, matrix, side, cv2.BORDER_REFLECT_101)
        sample.image = np.where(inside[..., None] > 0, sample.image, around)
        return sample

    def _paste(self, canvas: Picture, rng: random.Random) -> None:
        """Puts another figure into the canvas, in front of everybody or behind them."""
        catalogue, side = self.catalogue, self.settings.side
        from_scenes = bool(catalogue.passersby) and (
            not catalogue.portraits or rng.random() < self.settings.passerby_share)
        figures = catalogue.passersby if from_scenes else catalogue.portraits
        people = canvas.instances[canvas.instances != UNKNOWN]
        number = int(people.max(initial=0)) + 1
        if not figures or number >= UNKNOWN:
            return
        figure = self._drawn(figures, rng)
        picture, _ = self.cache.load(self.catalogue.photographs[figure.photograph])
        mask = figure_mask(picture, figure.person)
        box = _box(picture.instances == figure.person)
        centre = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        height = log_uniform(rng, 0.25, 1.3)
        # Who is cut off by their photograph's lower edge is by the sample's, too.
        middle = rng.uniform(0.05, 0.3) + 1 - height / 2 if figure.is_cut_below else rng.uniform(0.35, 0.85)
        target = rng.uniform(0, 1) * side, middle * side
        matrix = self._placement(box, height, centre, target, rng)
        pasted = picture.warped(matrix, side, self.pairs, cv2.BORDER_REFLECT_101)
        visible = cv2.warpAffine(mask, matrix, (side, side), flags=cv2.INTER_NEAREST) > 0
        if rng.random() < 0.5:
            visible &= canvas.instances == 0
        _blend(canvas, pasted, visible, rng.uniform(0.8, 1.2))
        canvas.labels[visible] = pasted.labels[visible]
        canvas.instances[visible] = np.where(pasted.instances == figure.person, number, UNKNOWN)[visible]

    def _drop_garment(self, canvas: Picture, rng: random.Random) -> None:
        """Lays one garment of somebody behind everybody in the canvas, turned at will: a coat on a chair is nobody."""
        figures = self.catalogue.portraits or self.catalogue.passersby
        if not figures:
            return
        figure = self._drawn(figures, rng)
        garments = sorted(figure.classes & self.garments)
        if not garments:
            return
        picture, _ = self.cache.load(self.catalogue.photographs[figure.photograph])
        mask = (picture.labels == rng.choice(garments)) & (picture.instances == figure.person)
        left, top, right, bottom = _box(mask)
        side = self.settings.side
        scale = log_uniform(rng, 0.12, 0.6) * side / max(right - left, bottom - top)
        matrix = placement(
            ((left + right) / 2, (top + bottom) / 2), (rng.uniform(0, 1) * side, rng.uniform(0, 1) * side),
            (_signed(scale, rng.random() < 0.5), scale), rng.uniform(-180, 180))
        visible = cv2.warpAffine(mask.astype(np.uint8), matrix, (side, side), flags=cv2.INTER_NEAREST) > 0
        visible &= canvas.instances == 0
        loose = Picture(warp_image(picture.image, matrix, side, cv2.BORDER_REFLECT_101), canvas.labels, canvas.instances)
        _blend(canvas, loose, visible, rng.uniform(0.8, 1.2))

    def _drawn(self, figures: list[Figure], rng: random.Random) -> Figure:
        rare = self.rare[id(figures)]
        if rare and rng.random() < self.settings.rare_share:
            return rng.choice(rare[rng.choice(list(rare))])
        return rng.choices(figures, [figure.share for figure in figures])[0]

    def _placement(
        self, box: tuple[int, int, int, int], height: float, source: tuple[float, float],
        target: tuple[float, float], rng: random.Random,
    ) -> np.ndarray:
        """Brings a figure to `height` sides of the sample, perhaps mirrored or tilted, a little narrower or wider."""
        scale = height * self.settings.side / (box[3] - box[1])
        degrees = rng.uniform(-15, 15) if rng.random() < 0.4 else 0.0
        width = _signed(scale * rng.uniform(0.88, 1.14), rng.random() < 0.5)
        return placement(source, target, (width, scale), degrees)


def log_uniform(rng: random.Random, low: float, high: float) -> float:
    """A number from `low` to `high` whose logarithm is uniform."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _signed(value: float, is_negative: bool) -> float:
    return -value if is_negative else value


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a mask that is not empty; the last two are exclusive."""
    rows, columns = np.nonzero(mask.any(1))[0], np.nonzero(mask.any(0))[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _focus(
    box: tuple[int, int, int, int], is_close: bool, rng: random.Random
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The point of the figure to look at, in pixels, and where it shall be, as shares of the sample's sides.

    Close-ups look at the head, at the upper body, or anywhere.
    """
    left, top, right, bottom = box
    if not is_close:
        return ((left + right) / 2, (top + bottom) / 2), (rng.uniform(0.25, 0.75), rng.uniform(0.35, 0.65))
    low, high = rng.choices([(0.02, 0.14), (0.1, 0.4), (0.1, 0.9)], [0.35, 0.35, 0.3])[0]
    point = rng.uniform(0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right), top + (bottom - top) * rng.uniform(low, high)
    return point, (rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65))


def _blend(canvas: Picture, pasted: Picture, visible: Map, gain: float) -> None:
    """Lays the pasted image over the canvas with an edge one pixel wide."""
    if not visible.any():
        return
    left, top, right, bottom = _box(visible)
    window = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
    alpha = cv2.GaussianBlur(visible[window].astype(np.float32), (3, 3), 0)[..., None]
    over = (pasted.image[window] * np.float32(gain)).clip(0, 255)
    canvas.image[window] = (canvas.image[window] * (1 - alpha) + over * alpha).astype(np.uint8)
