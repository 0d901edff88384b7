"""Samples a second of a training step, beside those of the same step in plain PyTorch."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from .configuration import Configuration
from .criterion import Criterion, LossWeights
from .data.loader import Batch
from .network import M2FP, normalize
from .network.deformable_attention import plain_operations
from .optimization import OptimizerSettings, make_optimizer
from .plain import plain_loss
from .run import supports_bf16


@dataclass
class Measurement:
    """The fastest step of several, in seconds, and the processor time of all threads in it."""

    seconds: float = float("inf")
    processor_seconds: float = float("inf")


def made_up_batch(configuration: Configuration, count: int, side: int) -> Batch:
    """Images of noise with two people each, who have six parts each: as many masks as a usual sample has."""
    rng = np.random.default_rng(0)
    labels, instances = np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8)
    third, height = side // 3, side // 8
    for person, left in ((1, side // 9), (2, side // 9 + third + side // 9)):
        for part in range(6):
            rows = slice(height * (part + 1), height * (part + 2))
            labels[rows, left : left + third] = 1 + (part * 3 + person) % (configuration.num_parsing - 1)
            instances[rows, left : left + third] = person
    images = rng.integers(0, 256, (count, side, side, 3), np.uint8)
    maps = (torch.from_numpy(values).expand(count, -1, -1) for values in (labels, instances))
    return Batch(torch.from_numpy(images).permute(0, 3, 1, 2), *maps)


def benchmark(
    configuration: Configuration, count: int, side: int, repetitions: int, device: torch.device
) -> tuple[Measurement, Measurement]:
    """The fastest of some steps of ours, and of as many plain ones. They alternate, so that another program's load falls
    on both."""
    batch = made_up_batch(configuration, count, side).to(device)
    ours, plain = _our_step(configuration, batch, device), _plain_step(configuration, batch, device)
    results = Measurement(), Measurement()
    for repetition in range(repetitions + 1):
        for step, result in zip((ours, plain), results):
            start, processor_start = time.perf_counter(), time.process_time()
            step()
            if device.type == "cuda":
                torch.cuda.synchronize()
            if repetition:  # The first one warms up.
                result.seconds = min(result.seconds, time.perf_counter() - start)
                result.processor_seconds = min(result.processor_seconds, time.process_time() - processor_start)
    return results


def _our_step(configuration: Configuration, batch: Batch, device: torch.device) -> Callable[[], None]:
    network = M2FP(configuration).to(device, memory_format=torch.channels_last)
    parsing = configuration.num_parsing
    criterion = Criterion(configuration.pixel_decoder.mask_dim, parsing, torch.ones(parsing)).to(device)
    optimizer = make_optimizer(network, criterion, OptimizerSettings())
    generator = torch.Generator().manual_seed(0)

    def step() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=supports_bf16(device)):
            output = network(normalize(batch.images).contiguous(memory_format=torch.channels_last))
        loss, _ = criterion(output, batch.targets(parsing), generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def _plain_step(configuration: Configuration, batch: Batch, device: torch.device) -> Callable[[], None]:
    """The network in fp32 with `grid_sample` for deformable attention, and Mask2Former's criterion."""
    network = M2FP(configuration).to(device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)

    def step() -> None:
        with plain_operations():
            targets = batch.targets(configuration.num_parsing)
            loss = plain_loss(network(normalize(batch.images)), targets, LossWeights())
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()

    return step
