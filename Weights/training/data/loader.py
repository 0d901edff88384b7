"""Batches of samples, made by other processes while the network learns."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .composition import Composer
from .targets import Targets, targets_of


@dataclass
class Batch:
    #: (N, 3, side, side), uint8, RGB
    images: Tensor
    targets: list[Targets]

    def to(self, device: torch.device) -> Batch:
        return Batch(self.images.to(device), [target.to(device) for target in self.targets])


class SampleDataset(Dataset):
    """Samples by their index in the whole run, so that a run that is resumed sees those that it would have seen."""

    def __init__(self, composer: Composer, num_parsing: int):
        self.composer, self.num_parsing = composer, num_parsing

    def __getitem__(self, index: int) -> tuple[Tensor, Targets]:
        picture = self.composer.sample(index)
        return torch.from_numpy(picture.image).permute(2, 0, 1), targets_of(picture, self.num_parsing)


def batches(dataset: SampleDataset, size: int, first: int, last: int, workers: int) -> Iterator[Batch]:
    """The batches of steps `first` to `last`, exclusive; `workers` processes make them, or this one if 0."""
    cv2.setNumThreads(0)
    loader = DataLoader(
        dataset, batch_size=size, sampler=range(first * size, last * size), num_workers=workers, collate_fn=_collated,
        worker_init_fn=_initialize_worker, prefetch_factor=4 if workers else None)
    return iter(loader)


def _collated(samples: list[tuple[Tensor, Targets]]) -> Batch:
    return Batch(torch.stack([image for image, _ in samples]), [targets for _, targets in samples])


def _initialize_worker(_: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
