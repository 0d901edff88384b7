"""What the network is trained to do: Mask2Former's criterion on every decoder layer, and two losses on dense maps."""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .data.targets import Targets
from .distillation import Distillation
from .losses import boundary_weights, class_loss, dense_loss, dice_loss, mask_loss, semantic_log_probabilities
from .matching import Matching, MatchingCosts, match
from .network import NetworkOutput

#: Share of a query's mask on unknown ground from which on "no object" is not asked of it.
EXCUSED = 0.5


@dataclass(frozen=True)
class LossWeights:
    """Weights of the terms of the loss; the first three count for every layer."""

    classes: float = 2
    mask: float = 4
    dice: float = 5
    auxiliary: float = 1.5
    semantic: float = 1.5
    no_object: float = 0.1


class Criterion(nn.Module):
    """Makes one number, and its terms, out of what the network says and what it should.

    Holds the head of the auxiliary loss: a linear classifier of the mask features, which only training uses.
    """

    class_weights: Tensor

    def __init__(
        self, mask_dim: int, num_parsing: int, class_weights: Tensor, weights: LossWeights = LossWeights(),
        costs: MatchingCosts = MatchingCosts(),
    ):
        super().__init__()
        self.num_parsing, self.weights, self.costs = num_parsing, weights, costs
        #: A further loss, of the backbone's features, if a run has one.
        self.distillation: Distillation | None = None
        self.auxiliary_head = nn.Conv2d(mask_dim, num_parsing, 1)
        self.register_buffer("class_weights", class_weights.float(), persistent=False)

    def forward(
        self, output: NetworkOutput, targets: Targets, generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and its terms by name before they are weighted (the per-layer ones averaged over layers)."""
        matching = match(output, targets, self.num_parsing, self.costs, generator)
        layers = output.class_logits.shape[0]
        mask, dice = self._mask_losses(output, targets, matching)
        auxiliary = self.auxiliary_head(output.mask_features.float()).log_softmax(1)
        semantic = semantic_log_probabilities(
            output.class_logits[-1].float(), output.masks().float(), self.num_parsing)
        terms = {
            "classes": self._class_loss(output, targets, matching),
            "mask": mask / layers,
            "dice": dice / layers,
            "auxiliary": dense_loss(auxiliary, targets.parts, self.class_weights),
            "semantic": dense_loss(semantic, targets.parts, self.class_weights),
        }
        weights = self.weights
        loss = (
            layers * (weights.classes * terms["classes"] + weights.mask * terms["mask"] + weights.dice * terms["dice"])
            + weights.auxiliary * terms["auxiliary"] + weights.semantic * terms["semantic"])
        return loss, {name: term.detach() for name, term in terms.items()}

    def _class_loss(self, output: NetworkOutput, targets: Targets, matching: Matching) -> Tensor:
        """Matched queries shall say their target's class, others "no object".

        The others are left in peace where they may be right: a person whose parts nobody labelled has parts nevertheless.
        """
        logits = output.class_logits.float()
        no_object = logits.shape[-1] - 1
        classes = torch.full(logits.shape[:3], no_object, device=logits.device)
        classes[_layers(logits), matching.images, matching.queries] = targets.classes[matching.targets]
        asked = (classes != no_object) | (matching.unknown <= EXCUSED)
        return class_loss(logits, classes, asked.float(), self.weights.no_object)

    def _mask_losses(self, output: NetworkOutput, targets: Targets, matching: Matching) -> tuple[Tensor, Tensor]:
        """Sums over layers of the mask and the dice loss, by the number of targets in the batch.

        Only the masks of matched queries are ever computed at full size.
        """
        embeddings = output.mask_embeddings.float()[
            _layers(output.mask_embeddings), matching.images, matching.queries]
        features = output.mask_features.float()
        logits = torch.cat([
            queries @ image.flatten(1)
            for queries, image in zip(embeddings.split(matching.counts, dim=1), features)], dim=1)
        logits = logits.unflatten(2, features.shape[2:]).flatten(0, 1)
        chosen = matching.targets.flatten()
        known = targets.known[targets.images, targets.kinds]
        weights = known * boundary_weights(targets.masks)
        mask = mask_loss(logits, targets.masks[chosen], weights[chosen])
        dice = dice_loss(logits, targets.masks[chosen], known[chosen])
        count = len(targets.classes)
        return mask.sum() / count, dice.sum() / count


def _layers(tensor: Tensor) -> Tensor:
    """Indices of the layers, which are the first axis, (L, 1)."""
    return torch.arange(tensor.shape[0], device=tensor.device)[:, None]
