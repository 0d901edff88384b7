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
    """The pairs of a batch, in all layers: min(Q, T) of each image, P in all; int64."""

    #: (P): the image of each pair, ascending.
    images: Tensor
    #: Pairs of each image.
    counts: list[int]
    #: (L, P): indices of queries and of targets.
    queries: Tensor
    targets: Tensor
    #: (L, N, Q): how much of a query's mask lies where its kind of answer is unknown, 0 to 1.
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
    output: NetworkOutput, targets: Targets, person_class: int, costs: MatchingCosts, generator: torch.Generator
) -> Matching:
    """The cheapest matching of each image and layer.

    Masks are compared on random points of the grid, which are the same for all queries and targets of an image, so that all
    layers of a batch are four batched matrix products. Unknown points do not count.
    """
    features = output.mask_features.float().flatten(2)
    count, channels, grid = features.shape
    points = torch.randint(grid, (count, costs.points), generator=generator).to(features.device)
    at_points = features.gather(2, points[:, None].expand(-1, channels, -1))
    # (N, L, Q, P)
    logits = torch.einsum("lnqd,ndp->nlqp", output.mask_embeddings.float(), at_points)
    shares = logits.sigmoid()
    classes = output.class_logits.float().softmax(3)
    known = targets.known.flatten(2).gather(2, points[:, None].expand(-1, 2, -1))

    masks, weights, labels = _by_image(targets, known, points)
    cost = (
        costs.mask * _mask_cost(logits, masks, weights) + costs.dice * _dice_cost(shares, masks, weights)
        - costs.classes * classes.transpose(0, 1).gather(3, labels[:, None, None].expand(*logits.shape[:3], -1)))
    answer = classes[..., :-1].argmax(3)
    is_part = (answer != 0) & (answer != person_class)
    covered = torch.einsum("nlqp,nkp->lnqk", shares, 1 - known) / (shares.sum(3).transpose(0, 1)[..., None] + 1)
    return _assigned(cost, targets, torch.where(is_part, covered[..., 1], covered[..., 0]))


def _by_image(targets: Targets, known: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Masks at the points and how much is known there, (N, most, P), and classes, (N, most): zeros behind each image's."""
    image, position = targets.images, targets.positions
    weights = known[image, targets.kinds]
    masks = targets.masks.flatten(1).gather(1, points[image]) * weights
    padded = []
    for values in (masks, weights, targets.classes):
        padded.append(values.new_zeros(known.shape[0], max(targets.counts), *values.shape[1:]))
        padded[-1][image, position] = values
    return padded[0], padded[1], padded[2]


def _mask_cost(logits: Tensor, masks: Tensor, weights: Tensor) -> Tensor:
    """Mean binary cross entropy of every query's mask with every target's, (N, L, Q, most).

    With t the target, −t log σ(x) − (1 − t) log(1 − σ(x)) = softplus(x) − t x.
    """
    entropy = _product(F.softplus(logits), weights) - _product(logits, masks)
    return entropy / weights.sum(2)[:, None, None].clamp(min=1)


def _dice_cost(shares: Tensor, masks: Tensor, weights: Tensor) -> Tensor:
    """1 − the dice coefficient of every query's mask with every target's, smoothed by one pixel, (N, L, Q, most)."""
    areas = _product(shares, weights) + masks.sum(2)[:, None, None]
    return 1 - (2 * _product(shares, masks) + 1) / (areas + 1)


def _product(queries: Tensor, things: Tensor) -> Tensor:
    """(N, L, Q, P) and (N, most, P) → (N, L, Q, most)."""
    return (queries.flatten(1, 2) @ things.transpose(1, 2)).unflatten(1, queries.shape[1:3])


def _assigned(cost: Tensor, targets: Targets, unknown: Tensor) -> Matching:
    """The matching of least cost, (N, L, Q, most)."""
    values, device = cost.cpu().numpy(), cost.device
    queries, things, counts, first = [], [], [], 0
    for image, count in enumerate(targets.counts):
        pairs = [linear_sum_assignment(layer[:, :count]) for layer in values[image]]
        queries.append(torch.tensor([query.tolist() for query, _ in pairs]))
        things.append(torch.tensor([thing.tolist() for _, thing in pairs]) + first)
        counts.append(queries[-1].shape[1])
        first += count
    images = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    return Matching(
        images.to(device), counts, torch.cat(queries, dim=1).to(device), torch.cat(things, dim=1).to(device), unknown)
