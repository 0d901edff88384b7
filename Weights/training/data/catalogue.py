"""What the photographs show: who can be cut out of which, which classes are rare."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..errors import TrainingError
from .picture import UNKNOWN
from .sources import Photograph

#: Pixels that a class takes at least, to be said to occur in a photograph.
SMALLEST_OCCURRENCE = 60
#: Height in pixels that a person has at least, to be pasted elsewhere.
SMALLEST_FIGURE = 48
#: Share of the figures below which a class is rare.
RARE = 0.2


@dataclass(frozen=True)
class Figure:
    """A person who can be cut out of a photograph: they do not go on beyond its frame, except perhaps below."""

    photograph: int
    person: int
    classes: frozenset[int]
    share: float
    is_cut_below: bool


@dataclass
class Catalogue:
    """Photographs, the figures in them, and how often their classes occur."""

    photographs: list[Photograph]
    #: Photographs with instance maps, which are used as they are.
    scenes: list[int]
    #: People in photographs without instance maps; they are composed with each other.
    portraits: list[Figure]
    #: People in scenes who can be pasted elsewhere.
    passersby: list[Figure]
    #: Pixels of each class in all photographs, (num_parsing).
    pixels: np.ndarray

    @classmethod
    def of(cls, photographs: list[Photograph], num_parsing: int) -> Catalogue:
        """Reads every label map once; a dozen seconds for 3,000 photographs."""
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda k: _examine(k, photographs[k], num_parsing), range(len(photographs))))
        figures = [figure for people, _ in found for figure in people]
        scenes = [k for k, photograph in enumerate(photographs) if photograph.instances]
        portraits = [f for f in figures if photographs[f.photograph].instances is None]
        passersby = [f for f in figures if photographs[f.photograph].instances]
        if not scenes and not portraits:
            raise TrainingError("--data: expected photographs of people, found none in which anybody is labelled")
        return cls(photographs, scenes, portraits, passersby, sum(pixels for _, pixels in found))

    def rare(self, figures: list[Figure]) -> dict[int, list[Figure]]:
        """The classes that few of these figures wear, and those who wear them."""
        by_class: dict[int, list[Figure]] = {}
        for figure in figures:
            for label in figure.classes:
                by_class.setdefault(label, []).append(figure)
        return {label: who for label, who in sorted(by_class.items()) if len(who) < RARE * len(figures)}

    def class_weights(self) -> np.ndarray:
        """Weights of the classes in dense losses, (num_parsing): (median frequency / frequency)^0.35, from 0.6 to 4.

        Classes that never occur have weight 1.
        """
        frequency = self.pixels / max(1, self.pixels.sum())
        occurring = frequency > 0
        weights = np.ones(len(frequency))
        median = np.median(frequency[occurring])
        weights[occurring] = ((median / frequency[occurring]) ** 0.35).clip(0.6, 4)
        return weights


def _examine(index: int, photograph: Photograph, num_parsing: int) -> tuple[list[Figure], np.ndarray]:
    """The figures of a photograph, and its pixels by class."""
    picture = photograph.load()
    pixels = np.bincount(picture.labels.ravel(), minlength=256)
    unexpected = np.nonzero(pixels[num_parsing:UNKNOWN])[0]
    if len(unexpected):
        raise TrainingError(
            f"{photograph.labels}: expected classes 0 to {num_parsing - 1} and {UNKNOWN}, found "
            f"{num_parsing + unexpected[0]}")
    figures = []
    for person in np.unique(picture.instances):
        if not 0 < person < UNKNOWN:
            continue
        own = picture.instances == person
        rows, columns = np.nonzero(own.any(1))[0], np.nonzero(own.any(0))[0]
        height, width = own.shape
        is_cut = rows[0] == 0 or columns[0] == 0 or columns[-1] == width - 1
        if (photograph.instances and is_cut) or rows[-1] - rows[0] < SMALLEST_FIGURE:
            continue
        counts = np.bincount(picture.labels[own], minlength=256)[1:num_parsing]
        classes = frozenset((np.nonzero(counts > SMALLEST_OCCURRENCE)[0] + 1).tolist())
        figures.append(Figure(index, int(person), classes, photograph.share, bool(rows[-1] == height - 1)))
    return figures, pixels[:num_parsing].astype(np.float64)
