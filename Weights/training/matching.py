"""Which query answers for which target: bipartite matching (DETR, arXiv 2005.12872; Mask2Former, section 3.3)."""
from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from .data.targets import Targets
from .network import NetworkOutput


@dataclass
class Matching:
    """The pairs of one image, in all layers: min(Q, T) a layer."""

    #: (L, pairs): indices of queries and of targets.
    queries: Tensor
    targets: Tensor
    #: (L, Q): how much of a query's mask lies where its kind of answer is unknown, 0 to 1.
    unknown: Tensor


@dataclass(frozen=True)
class MatchingCosts:
    """Weights of the costs, and the number of points of the grid that they are measured on."""

    classes: float = 2
    mask: float = 5
    dice: float = 5
    points: int = 1024


@torch.no_grad()
def match(
    output: NetworkOutput, targets: list[Targets], person_class: int, costs: MatchingCosts, generator: torch.Generator
) -> list[Matching]:
    """The cheapest matching of each image and layer.

    Masks are compared on random points of the grid, which are the same for all queries and targets of an image, so that all
    layers of an image are four matrix products. Unknown points do not count.
    """
    matchings = []
    grid = output.mask_features.shape[2] * output.mask_features.shape[3]
    for image, target in enumerate(targets):
        points = torch.randint(grid, (costs.points,), generator=generator).to(output.mask_features.device)
        features = output.mask_features[image].float().flatten(1)[:, points]
        logits = output.mask_embeddings[:, image].float() @ features
        classes = output.class_logits[:, image].float().softmax(2)
        known = target.known.flatten(1)[:, points]
        matchings.append(_match_image(logits, classes, target, known, points, person_class, costs))
    return matchings


def _match_image(
    logits: Tensor, classes: Tensor, target: Targets, known: Tensor, points: Tensor, person_class: int,
    costs: MatchingCosts,
) -> Matching:
    """logits (L, Q, P) at the points, class probabilities (L, Q, C + 1), known (2, P)."""
    shares = logits.sigmoid()
    cost = (
        costs.mask * _mask_cost(logits, target, known, points)
        + costs.dice * _dice_cost(shares, target, known, points)
        - costs.classes * classes[:, :, target.classes])
    pairs = [linear_sum_assignment(layer) for layer in cost.cpu().numpy()]
    queries = torch.stack([torch.as_tensor(query) for query, _ in pairs])
    chosen = torch.stack([torch.as_tensor(thing) for _, thing in pairs])
    answer = classes[:, :, :-1].argmax(2)
    is_part = (answer != 0) & (answer != person_class)
    covered = shares @ (1 - known).T / (shares.sum(2, keepdim=True) + 1)
    unknown = torch.where(is_part, covered[:, :, 1], covered[:, :, 0])
    return Matching(queries.to(logits.device), chosen.to(logits.device), unknown)


def _mask_cost(logits: Tensor, target: Targets, known: Tensor, points: Tensor) -> Tensor:
    """Mean binary cross entropy of every query's mask with every target's, (L, Q, T).

    With t the target, −t log σ(x) − (1 − t) log(1 − σ(x)) = softplus(x) − t x.
    """
    weight = known[target.kinds]
    mask = target.masks.flatten(1)[:, points] * weight
    return (F.softplus(logits) @ weight.T - logits @ mask.T) / weight.sum(1).clamp(min=1)


def _dice_cost(shares: Tensor, target: Targets, known: Tensor, points: Tensor) -> Tensor:
    """1 − the dice coefficient of every query's mask with every target's, smoothed by one pixel, (L, Q, T)."""
    weight = known[target.kinds]
    mask = target.masks.flatten(1)[:, points] * weight
    return 1 - (2 * shares @ mask.T + 1) / (shares @ weight.T + mask.sum(1) + 1)
