"""The terms of the criterion, each a function of plain tensors."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def class_loss(logits: Tensor, classes: Tensor, weights: Tensor, no_object_weight: float) -> Tensor:
    """Cross entropy of the queries' classes, averaged by weight.

    logits (L, N, Q, C + 1), of which the last is "no object"; classes (L, N, Q); weights (L, N, Q), 0 for queries that are
    not asked. "No object" counts less, since most queries are to say so.
    """
    no_object = logits.shape[-1] - 1
    weights = torch.where(classes == no_object, no_object_weight * weights, weights)
    loss = F.cross_entropy(logits.flatten(0, 2), classes.flatten(), reduction="none")
    return (loss * weights.flatten()).sum() / weights.sum().clamp(min=1)


def mask_loss(logits: Tensor, masks: Tensor, weights: Tensor) -> Tensor:
    """Binary cross entropy of each mask, averaged by weight, (M); arguments (M, h, w), masks from 0 to 1.

    All blocks of the grid count, those that are wrong up to three times; with `boundary_weights` that takes the place of
    Mask2Former's sampling of points where the network is unsure.
    """
    loss = F.binary_cross_entropy_with_logits(logits, masks, reduction="none")
    hardness = 1 + 2 * (1 - torch.exp(-loss.detach()))
    return (loss * weights * hardness).sum((1, 2)) / weights.sum((1, 2)).clamp(min=1)


def boundary_weights(masks: Tensor) -> Tensor:
    """3 where a block's neighbours differ wholly, 1 where they are the same; (M, h, w)."""
    highest = F.max_pool2d(masks[:, None], 3, 1, 1)
    lowest = -F.max_pool2d(-masks[:, None], 3, 1, 1)
    return 1 + 2 * (highest - lowest)[:, 0]


def dice_loss(logits: Tensor, masks: Tensor, known: Tensor) -> Tensor:
    """1 − the dice coefficient of each mask, smoothed by one block, (M); arguments (M, h, w)."""
    shares, masks = logits.sigmoid() * known, masks * known
    overlap = (shares * masks).sum((1, 2))
    return 1 - (2 * overlap + 1) / (shares.sum((1, 2)) + masks.sum((1, 2)) + 1)


def dense_loss(log_probabilities: Tensor, parts: Tensor, class_weights: Tensor) -> Tensor:
    """Cross entropy of a map of classes with shares of classes; both (N, num_parsing, h, w).

    Where nothing is known the shares are 0, so that those blocks do not count.
    """
    weighted = parts * class_weights[:, None, None]
    return -(weighted * log_probabilities).sum() / weighted.sum().clamp(min=1)


def semantic_log_probabilities(class_logits: Tensor, mask_logits: Tensor, num_parsing: int) -> Tensor:
    """Logarithm of the map of classes that inference makes, (N, num_parsing, h, w).

    The sum over queries of class probability × σ(mask logit), M2FP's semantic inference, normalized over the classes.
    class logits (N, Q, C + 1), mask logits (N, Q, h, w).
    """
    probabilities = class_logits.softmax(2)[:, :, :num_parsing]
    mixed = torch.einsum("nqc,nqhw->nchw", probabilities, mask_logits.sigmoid())
    return torch.log(mixed / mixed.sum(1, keepdim=True).clamp(min=1e-4) + 1e-4)
