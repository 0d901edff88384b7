"""A training step as the papers describe it, out of PyTorch's own operations: what `benchmark` compares ours with.

Mask2Former's criterion (arXiv 2112.01527, section 3.3): every layer is matched and compared by itself, on 12,544 points a
mask; the loss's points are those where the network is unsure, out of three times as many (PointRend, arXiv 1912.08193).
"""
from __future__ import annotations

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from .criterion import LossWeights
from .data.targets import Targets
from .network import NetworkOutput

POINTS = 112 * 112
OVERSAMPLING = 3
IMPORTANT_SHARE = 0.75


def plain_loss(output: NetworkOutput, targets: Targets, weights: LossWeights) -> Tensor:
    """The criterion's first three terms on every layer; unknown pixels are not known to it."""
    layers = range(output.class_logits.shape[0])
    return sum(_layer_loss(output.class_logits[k].float(), output.masks(k).float(), targets, weights) for k in layers)


def _layer_loss(classes: Tensor, masks: Tensor, targets: Targets, weights: LossWeights) -> Tensor:
    """Class logits (N, Q, C + 1) and mask logits (N, Q, h, w) of one layer."""
    no_object = classes.shape[2] - 1
    expected = torch.full(classes.shape[:2], no_object, device=classes.device)
    predicted, wanted = [], []
    things_by_image = zip(targets.classes.split(targets.counts), targets.masks.split(targets.counts))
    for image, (labels, truth) in enumerate(things_by_image):
        queries, things = _matched(classes[image], masks[image], labels, truth)
        expected[image, queries] = labels[things]
        predicted.append(masks[image, queries])
        wanted.append(truth[things])
    class_weights = torch.ones(no_object + 1, device=classes.device)
    class_weights[no_object] = weights.no_object
    class_loss = F.cross_entropy(classes.flatten(0, 1), expected.flatten(), class_weights)
    logits, truth = torch.cat(predicted)[:, None], torch.cat(wanted)[:, None]
    points = _unsure_points(logits.detach())
    logits, truth = _at(logits, points), _at(truth, points)
    count = len(targets.classes)
    mask_loss = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(1).sum() / count
    shares = logits.sigmoid()
    dice = 1 - (2 * (shares * truth).sum(1) + 1) / (shares.sum(1) + truth.sum(1) + 1)
    return weights.classes * class_loss + weights.mask * mask_loss + weights.dice * dice.sum() / count


@torch.no_grad()
def _matched(classes: Tensor, masks: Tensor, labels: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Queries and targets of one image and layer that belong together."""
    points = torch.rand(1, POINTS, 2, device=masks.device)
    logits = _at(masks[:, None], points.expand(len(masks), -1, -1))
    truth = _at(wanted[:, None], points.expand(len(wanted), -1, -1))
    positive = F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits), reduction="none")
    negative = F.binary_cross_entropy_with_logits(logits, torch.zeros_like(logits), reduction="none")
    mask = (positive @ truth.T + negative @ (1 - truth).T) / POINTS
    shares = logits.sigmoid()
    dice = 1 - (2 * shares @ truth.T + 1) / (shares.sum(1)[:, None] + truth.sum(1) + 1)
    cost = 5 * mask + 5 * dice - 2 * classes.softmax(1)[:, labels]
    queries, things = linear_sum_assignment(cost.cpu().numpy())
    return torch.as_tensor(queries, device=masks.device), torch.as_tensor(things, device=masks.device)


@torch.no_grad()
def _unsure_points(logits: Tensor) -> Tensor:
    """Points of each mask, (M, POINTS, 2): three quarters where its logit is next to 0, the rest anywhere."""
    count = logits.shape[0]
    candidates = torch.rand(count, OVERSAMPLING * POINTS, 2, device=logits.device)
    important = int(IMPORTANT_SHARE * POINTS)
    chosen = (-_at(logits, candidates).abs()).topk(important, dim=1).indices
    unsure = candidates.gather(1, chosen[..., None].expand(-1, -1, 2))
    return torch.cat([unsure, torch.rand(count, POINTS - important, 2, device=logits.device)], dim=1)


def _at(maps: Tensor, points: Tensor) -> Tensor:
    """Bilinear samples of (M, 1, h, w) at (M, P, 2), x and y from 0 to 1 → (M, P)."""
    return F.grid_sample(maps, 2 * points[:, :, None] - 1, align_corners=False)[:, 0, :, 0]
