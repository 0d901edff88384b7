"""AdamW with its groups of parameters, the course of the learning rate, and the moving average of the weights."""
from __future__ import annotations

import math
import re
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .checkpoints import State

#: Parameters of more than one axis that are no weights of a linear map.
EMBEDDINGS = re.compile("query_feat|query_embed|level_embed")


@dataclass(frozen=True)
class OptimizerSettings:
    #: Of the decoders; AdamW (Loshchilov and Hutter, arXiv 1711.05101).
    learning_rate: float = 4e-4
    #: Of the backbone, as a share of the decoders'.
    backbone_share: float = 0.2
    weight_decay: float = 0.05
    #: Largest norm of all gradients together.
    largest_gradient: float = 0.5
    #: Steps in which the learning rate rises from 0.
    warm_up: int = 200
    #: Share of the learning rate that the cosine ends at.
    final_share: float = 0.02
    #: Share of the moving average that remains after a step.
    average: float = 0.999


def make_optimizer(network: nn.Module, criterion: nn.Module, settings: OptimizerSettings) -> torch.optim.AdamW:
    """Groups: the backbone's weights, the decoders' weights, and what does not decay (norms, biases, embeddings)."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for module in (network, criterion):
        for name, parameter in module.named_parameters():
            group = name.startswith("backbone."), parameter.ndim > 1 and not EMBEDDINGS.search(name)
            groups.setdefault(group, []).append(parameter)
    return torch.optim.AdamW([
        dict(
            params=parameters, share=settings.backbone_share if is_backbone else 1.0,
            weight_decay=settings.weight_decay if decays else 0.0)
        for (is_backbone, decays), parameters in groups.items()], lr=settings.learning_rate, fused=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, settings: OptimizerSettings, step: int, progress: float) -> float:
    """Sets and returns the learning rate of the decoders at a step: linear warm-up, then half a cosine.

    `progress` is the share of the run that lies behind, by steps or by time, from 0 to 1.
    """
    warm = min(1.0, (step + 1) / max(1, settings.warm_up))
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    rate = settings.learning_rate * warm * (settings.final_share + (1 - settings.final_share) * cosine)
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]
    return rate


@torch.no_grad()
def update_average(average: State, network: nn.Module, share: float, step: int) -> None:
    """Moves the average towards the network's weights; faster in the first steps, so that it forgets the start."""
    share = min(share, (1 + step) / (10 + step))
    state = network.state_dict()
    floating = [name for name, value in average.items() if value.dtype.is_floating_point]
    ours: list[Tensor] = [average[name] for name in floating]
    torch._foreach_lerp_(ours, [state[name] for name in floating], 1 - share)
