"""What the network should say of a batch, on the grid of its masks (stride 4)."""
from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .picture import UNKNOWN

STRIDE = 4
#: Pixels of a sample that a person, and a part of one, must have to be asked for.
SMALLEST_PERSON = 60
SMALLEST_PART = 14


@dataclass
class Targets:
    """Things in a batch: of each image the background, every person, every part of every person (T of them in all).

    Values are shares of the area of a 4 × 4 block, from 0 to 1, so that boundaries are known more finely than the grid.
    """

    #: (T), int64: the image of each, ascending.
    images: Tensor
    #: Things of each image; every image has at least its background.
    counts: list[int]
    #: (T), int64
    classes: Tensor
    #: (T, h, w)
    masks: Tensor
    #: (T), int64: which of `known` counts for a target.
    kinds: Tensor
    #: (N, 2, h, w): how much of a block is known as to persons (and background), and as to parts.
    known: Tensor
    #: (N, num_parsing, h, w): shares of the classes; they sum to what is known as to parts.
    parts: Tensor

    @property
    def positions(self) -> Tensor:
        """(T), int64: the place of each thing among those of its image."""
        firsts = torch.tensor([0, *self.counts[:-1]], device=self.images.device).cumsum(0)
        return torch.arange(len(self.images), device=self.images.device) - firsts[self.images]


@torch.no_grad()
def targets_of(labels: Tensor, instances: Tensor, num_parsing: int) -> Targets:
    """The targets of a batch of maps, both (N, H, W), uint8, on whatever device they are.

    A person too small to be asked for is unknown rather than background.
    """
    images = torch.arange(len(labels), device=labels.device)[:, None, None]
    areas = _occurrences(images * 256 + instances, len(labels) * 256).unflatten(0, (-1, 256))
    is_person = (areas >= SMALLEST_PERSON).index_fill(1, torch.tensor([0, UNKNOWN], device=areas.device), False)
    unknown = (instances > 0) & ~is_person[images, instances.long()]
    labels = labels.masked_fill(unknown, UNKNOWN)

    pairs = (images * 256 + instances) * 256 + labels
    occurrences = _occurrences(pairs, len(labels) << 16).unflatten(0, (-1, 256, 256))
    # What is asked for, by image, person (0 for nobody) and class.
    asked = torch.zeros(len(labels), 256, num_parsing + 1, dtype=torch.bool, device=labels.device)
    asked[:, 0, 0] = True
    asked[:, :, 1:num_parsing] = is_person[:, :, None] & (occurrences[:, :, 1:num_parsing] >= SMALLEST_PART)
    asked[:, :, num_parsing] = is_person
    image, person, label = asked.nonzero().unbind(1)

    whole = (label == num_parsing)[:, None, None]
    masks = (instances[image] == person[:, None, None]) & (whole | (labels[image] == label[:, None, None]))
    shares = torch.stack([labels == k for k in range(num_parsing)], dim=1)
    return Targets(
        images=image, counts=torch.bincount(image, minlength=len(labels)).tolist(), classes=label,
        masks=block_means(masks), kinds=((label > 0) & (label < num_parsing)).long(),
        known=block_means(torch.stack([~unknown, labels != UNKNOWN], dim=1)), parts=block_means(shares))


def _occurrences(values: Tensor, count: int) -> Tensor:
    """How often each of the values 0 to `count` − 1 occurs."""
    return torch.bincount(values.flatten(), minlength=count)


def block_means(maps: Tensor) -> Tensor:
    """Means over blocks of 4 × 4: (…, H, W), bool → (…, H / 4, W / 4), fp32."""
    return F.avg_pool2d(maps.flatten(0, -3).float(), STRIDE).unflatten(0, maps.shape[:-2])
