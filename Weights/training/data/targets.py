"""What the network should say of a sample, on the grid of its masks (stride 4)."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .picture import UNKNOWN, Map, Picture

STRIDE = 4
#: Pixels of a sample that a person, and a part of one, must have to be asked for.
SMALLEST_PERSON = 60
SMALLEST_PART = 14


@dataclass
class Targets:
    """Things in one sample: the background, every person, every part of every person (T of them).

    Values are shares of the area of a 4 × 4 block, from 0 to 1, so that boundaries are known more finely than the grid.
    """

    #: (T), int64
    classes: Tensor
    #: (T, h, w)
    masks: Tensor
    #: (2, h, w): how much of a block is known as to persons (and background), and as to parts.
    known: Tensor
    #: (num_parsing, h, w): shares of the classes; they sum to what is known as to parts.
    parts: Tensor
    #: (T), int64: which of `known` counts for a target.
    kinds: Tensor

    def to(self, device: torch.device) -> Targets:
        return Targets(*(x.to(device) for x in (self.classes, self.masks, self.known, self.parts, self.kinds)))


def targets_of(picture: Picture, num_parsing: int) -> Targets:
    """The targets of a sample. A person too small to be asked for is unknown rather than background."""
    labels, instances = picture.labels.copy(), picture.instances
    areas = np.bincount(instances.ravel(), minlength=256)
    people = [person for person in range(1, UNKNOWN) if areas[person] >= SMALLEST_PERSON]
    unknown = (instances == UNKNOWN) | ((instances > 0) & (areas < SMALLEST_PERSON)[instances])
    labels[unknown] = UNKNOWN

    background = (labels == 0) & ~unknown
    classes, masks = [0], [background]
    for person in people:
        own = instances == person
        classes.append(num_parsing)
        masks.append(own)
        counts = np.bincount(labels[own], minlength=256)
        for label in range(1, num_parsing):
            if counts[label] >= SMALLEST_PART:
                classes.append(label)
                masks.append(own & (labels == label))
    kinds = [0 if label in (0, num_parsing) else 1 for label in classes]
    shares = np.stack([labels == label for label in range(num_parsing)])
    return Targets(
        torch.tensor(classes), block_means(np.stack(masks)),
        block_means(np.stack([~unknown, labels != UNKNOWN])), block_means(shares), torch.tensor(kinds))


def block_means(maps: Map) -> Tensor:
    """Means over blocks of 4 × 4: (K, H, W), bool → (K, H / 4, W / 4), fp32."""
    count, height, width = maps.shape
    blocks = maps.reshape(count, height // STRIDE, STRIDE, width // STRIDE, STRIDE)
    return torch.from_numpy(blocks.mean((2, 4), dtype=np.float32))
