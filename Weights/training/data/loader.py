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
    """Samples; all three are uint8."""

    #: (N, 3, side, side), RGB
    images: Tensor
    #: (N, side, side): class of the part, 0 nobody, 255 unknown.
    labels: Tensor
    #: (N, side, side): person, 0 nobody, 255 unknown.
    instances: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(x.to(device, non_blocking=True) for x in (self.images, self.labels, self.instances)))

    def pin_memory(self) -> Batch:
        """The method that `DataLoader` asks for, so that copies to a GPU need not be waited for."""
        return Batch(*(x.pin_memory() for x in (self.images, self.labels, self.instances)))

    def targets(self, num_parsing: int) -> Targets:
        return targets_of(self.labels, self.instances, num_parsing)


class SampleDataset(Dataset):
    """Samples by their index in the whole run, so that a run that is resumed sees those that it would have seen."""

    def __init__(self, composer: Composer):
        self.composer = composer

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        picture = self.composer.sample(index)
        image, labels, instances = map(torch.from_numpy, (picture.image, picture.labels, picture.instances))
        return image.permute(2, 0, 1), labels, instances


def batches(
    dataset: SampleDataset, size: int, first: int, last: int, workers: int, pin_memory: bool
) -> Iterator[Batch]:
    """The batches of steps `first` to `last`, exclusive; `workers` processes make them, or this one if 0."""
    cv2.setNumThreads(0)
    loader = DataLoader(
        dataset, batch_size=size, sampler=range(first * size, last * size), num_workers=workers, collate_fn=_collated,
        worker_init_fn=_initialize_worker, prefetch_factor=4 if workers else None, pin_memory=pin_memory)
    return iter(loader)


def _collated(samples: list[tuple[Tensor, Tensor, Tensor]]) -> Batch:
    return Batch(*(torch.stack(tensors) for tensors in zip(*samples)))


def _initialize_worker(_: int) -> None:
    cv2.setNumThreads(0)
    torch.set_num_threads(1)
