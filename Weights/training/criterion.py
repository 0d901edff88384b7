"""What the network is trained to do: Mask2Former's criterion on every decoder layer, and two losses on dense maps."""
from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .data.targets import Targets
from .losses import class_loss, dense_loss, dice_loss, mask_loss, semantic_log_probabilities
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
        self.auxiliary_head = nn.Conv2d(mask_dim, num_parsing, 1)
        self.register_buffer("class_weights", class_weights.float(), persistent=False)

    def forward(
        self, output: NetworkOutput, targets: list[Targets], generator: torch.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and its terms by name before they are weighted (the per-layer ones averaged over layers)."""
        matchings = match(output, targets, self.num_parsing, self.costs, generator)
        layers = output.class_logits.shape[0]
        mask, dice = self._mask_losses(output, targets, matchings)
        parts = torch.stack([target.parts for target in targets])
        auxiliary = self.auxiliary_head(output.mask_features.float()).log_softmax(1)
        semantic = semantic_log_probabilities(
            output.class_logits[-1].float(), output.masks().float(), self.num_parsing)
        terms = {
            "classes": self._class_loss(output, targets, matchings),
            "mask": mask / layers,
            "dice": dice / layers,
            "auxiliary": dense_loss(auxiliary, parts, self.class_weights),
            "semantic": dense_loss(semantic, parts, self.class_weights),
        }
        weights = self.weights
        loss = (
            layers * (weights.classes * terms["classes"] + weights.mask * terms["mask"] + weights.dice * terms["dice"])
            + weights.auxiliary * terms["auxiliary"] + weights.semantic * terms["semantic"])
        return loss, {name: term.detach() for name, term in terms.items()}

    def _class_loss(self, output: NetworkOutput, targets: list[Targets], matchings: list[Matching]) -> Tensor:
        """Matched queries shall say their target's class, others "no object".

        The others are left in peace where they may be right: a person whose parts nobody labelled has parts nevertheless.
        """
        logits = output.class_logits.float()
        no_object = logits.shape[-1] - 1
        classes = torch.full(logits.shape[:3], no_object, device=logits.device)
        for image, (target, matching) in enumerate(zip(targets, matchings)):
            classes[:, image].scatter_(1, matching.queries, target.classes[matching.targets])
        unknown = torch.stack([matching.unknown for matching in matchings], dim=1)
        asked = (classes != no_object) | (unknown <= EXCUSED)
        return class_loss(logits, classes, asked.float(), self.weights.no_object)

    def _mask_losses(
        self, output: NetworkOutput, targets: list[Targets], matchings: list[Matching]
    ) -> tuple[Tensor, Tensor]:
        """Sums over layers of the mask and the dice loss, by the number of targets in the batch.

        Only the masks of matched queries are ever computed at full size.
        """
        layer = torch.arange(output.class_logits.shape[0], device=output.class_logits.device)[:, None]
        mask, dice = [], []
        for image, (target, matching) in enumerate(zip(targets, matchings)):
            embeddings = output.mask_embeddings[:, image].float()[layer, matching.queries].flatten(0, 1)
            features = output.mask_features[image].float()
            logits = (embeddings @ features.flatten(1)).unflatten(1, features.shape[1:])
            chosen = matching.targets.flatten()
            known = target.known[target.kinds[chosen]]
            mask.append(mask_loss(logits, target.masks[chosen], known).sum())
            dice.append(dice_loss(logits, target.masks[chosen], known).sum())
        count = max(1, sum(len(target.classes) for target in targets))
        return torch.stack(mask).sum() / count, torch.stack(dice).sum() / count
