"""Backbone, pixel decoder and transformer decoder put together."""
from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from ..configuration import Configuration
from .pixel_decoder import MSDeformAttnPixelDecoder
from .resnet import ResNet
from .transformer_decoder import MultiScaleMaskedTransformerDecoder

#: Mean and standard deviation of ImageNet's red, green and blue, in levels of 0 to 255.
PIXEL_MEAN = (123.675, 116.28, 103.53)
PIXEL_STD = (58.395, 57.12, 57.375)


@dataclass
class NetworkOutput:
    """What the network says of a batch, for the learnable queries and after each decoder layer (L = layers + 1)."""

    #: (L, N, Q, num_classes + 1); the last class is "no object".
    class_logits: Tensor
    #: (L, N, Q, mask_dim)
    mask_embeddings: Tensor
    #: (N, mask_dim, H/4, W/4)
    mask_features: Tensor
    #: `res2` to `res5` of the backbone.
    features: list[Tensor] = field(default_factory=list)

    def masks(self, layer: int = -1) -> Tensor:
        """Mask logits of one layer, (N, Q, H/4, W/4): products of embeddings and features."""
        return torch.einsum("nqd,ndhw->nqhw", self.mask_embeddings[layer], self.mask_features)


class M2FP(nn.Module):
    """Mask2Former for parsing (arXiv 2301.00394): images (N, 3, H, W), normalized, H and W multiples of 32."""

    def __init__(self, configuration: Configuration):
        super().__init__()
        self.backbone = ResNet(configuration.backbone)
        # Checkpoints have both decoders below this name.
        self.sem_seg_head = nn.Module()
        self.sem_seg_head.pixel_decoder = MSDeformAttnPixelDecoder(
            configuration.pixel_decoder, configuration.backbone.channels)
        self.sem_seg_head.predictor = MultiScaleMaskedTransformerDecoder(
            configuration.decoder, configuration.pixel_decoder.dim, configuration.pixel_decoder.mask_dim)

    def forward(self, images: Tensor) -> NetworkOutput:
        features = self.backbone(images)
        mask_features, levels = self.sem_seg_head.pixel_decoder(features)
        return NetworkOutput(*self.sem_seg_head.predictor(levels, mask_features), mask_features, features)


def normalize(images: Tensor) -> Tensor:
    """RGB images (N, 3, H, W) in levels of 0 to 255 → the network's input."""
    mean = torch.tensor(PIXEL_MEAN, device=images.device)[:, None, None]
    std = torch.tensor(PIXEL_STD, device=images.device)[:, None, None]
    return (images.float() - mean) / std
