"""Label maps for photographs that nobody has labelled, by a network that is good already (self-training, arXiv 1911.04252).

A network sees a person best who fills the picture, so each is looked at in a crop of their own, as it is and mirrored. What
a person's true outline says counts for more than the network: it decides where somebody is, the network only which part.
"""
from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from .configuration import Configuration
from .data.picture import UNKNOWN, Image, Map
from .data.sources import EXTENSIONS, read_map
from .errors import TrainingError
from .files import write_atomically
from .losses import semantic_log_probabilities
from .network import M2FP, normalize

log = logging.getLogger(__name__)

#: Border around a person's box, as a share of its longer edge.
MARGIN = 0.125
#: The network's input is a multiple of this.
MULTIPLE = 32


@dataclass
class Labeller:
    network: M2FP
    configuration: Configuration
    device: torch.device
    #: Probability from which on a class is written; what is less sure is unknown.
    sure: float

    def label(self, image: Image, instances: Map | None) -> Map:
        """The label map of a photograph (H, W, 3).

        With an instance map (0 nobody, 255 unknown) nobody has a part outside of their outline, and everybody has one
        everywhere inside, be it unknown. Without one the network decides what is background as well.
        """
        if instances is None:
            return self._surest(self._probabilities(image))
        labels = np.where(instances == UNKNOWN, UNKNOWN, 0).astype(np.uint8)
        for person in np.unique(instances[(instances > 0) & (instances != UNKNOWN)]):
            own = instances == person
            window = _window(own)
            probabilities = self._probabilities(image[window])
            probabilities[0] = 0
            probabilities /= probabilities.sum(0).clip(1e-6)
            labels[window][own[window]] = self._surest(probabilities)[own[window]]
        return labels

    def _surest(self, probabilities: np.ndarray) -> Map:
        """The class of each pixel, (parts, H, W) → (H, W), unknown where none is sure."""
        return np.where(probabilities.max(0) >= self.sure, probabilities.argmax(0), UNKNOWN).astype(np.uint8)

    @torch.no_grad()
    def _probabilities(self, image: Image) -> np.ndarray:
        """Background and parts of each pixel, (parts, H, W): the mean over the picture and its mirror image."""
        height, width = image.shape[:2]
        scale = min(
            self.configuration.document["preprocess"]["short_edge"] / min(height, width),
            self.configuration.document["preprocess"]["max_size"] / max(height, width))
        size = [max(1, round(extent * scale / MULTIPLE)) * MULTIPLE for extent in (width, height)]
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        pixels = torch.from_numpy(cv2.resize(image, size, interpolation=method)).permute(2, 0, 1).to(self.device)
        output = self.network(normalize(torch.stack([pixels, pixels.flip(2)])))
        maps = semantic_log_probabilities(
            output.class_logits[-1].float(), output.masks().float(), self.configuration.num_parsing).exp()
        mean = (maps[0] + self._mirrored(maps[1])) / 2
        mean = mean / mean.sum(0)
        return cv2.resize(mean.permute(1, 2, 0).cpu().numpy(), (width, height)).transpose(2, 0, 1).copy()

    def _mirrored(self, maps: Tensor) -> Tensor:
        """(parts, h, w), left and right exchanged, of the picture and of the classes."""
        order = list(range(len(maps)))
        for a, b in self.configuration.pairs:
            order[a], order[b] = b, a
        return maps[order].flip(2)


def label_folder(labeller: Labeller, images: Path, instances: Path | None, output: Path) -> int:
    """Writes a label map for each photograph that has none in `output`; the number of those written."""
    output.mkdir(parents=True, exist_ok=True)
    photographs = sorted(path for path in images.iterdir() if path.suffix.lower() in EXTENSIONS)
    if not photographs:
        raise TrainingError(f"{images}: expected photographs, found none")
    written = 0
    for path in photographs:
        target = output / f"{path.stem}.png"
        people = instances / target.name if instances else None
        if target.exists() or (people and not people.is_file()):
            continue
        pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if pixels is None:
            raise TrainingError(f"{path}: expected a photograph, found a file that cannot be decoded")
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
        labels = labeller.label(pixels, read_map(people, pixels.shape[:2]) if people else None)
        write_atomically(target, cv2.imencode(".png", labels)[1].tobytes())
        written += 1
        if written % 100 == 0:
            log.info("%d label maps", written)
    return written


def _window(own: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of a person with a border."""
    rows, columns = np.nonzero(own.any(1))[0], np.nonzero(own.any(0))[0]
    border = round(MARGIN * max(rows[-1] - rows[0], columns[-1] - columns[0]))
    return tuple(slice(max(0, int(x[0]) - border), int(x[-1]) + border + 1) for x in (rows, columns))
