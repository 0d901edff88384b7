"""Mask2Former's pixel decoder: a deformable transformer encoder over three levels, and one FPN level for the masks."""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..configuration import PixelDecoder
from .deformable_attention import deformable_attention
from .layers import ConvGroupNorm, sine_position_embedding

#: Height and width of each level, coarse to fine.
Shapes = list[tuple[int, int]]


class MSDeformAttn(nn.Module):
    """Multi-scale deformable self-attention: a query looks at a few points of every level, around its own place."""

    def __init__(self, dim: int, heads: int, levels: int, points: int):
        super().__init__()
        self.heads, self.levels, self.points = heads, levels, points
        self.sampling_offsets = nn.Linear(dim, heads * levels * points * 2)
        self.attention_weights = nn.Linear(dim, heads * levels * points)
        self.value_proj = nn.Linear(dim, dim)
        self.output_proj = nn.Linear(dim, dim)
        self._initialize()

    def _initialize(self) -> None:
        """Head h starts looking in direction 2πh / heads, point p at p + 1 pixels; all points weigh the same."""
        angle = torch.arange(self.heads) * (2 * math.pi / self.heads)
        direction = torch.stack([angle.cos(), angle.sin()], dim=1)
        direction = direction / direction.abs().amax(dim=1, keepdim=True)
        distance = torch.arange(1, self.points + 1)
        offsets = direction[:, None, None] * distance[:, None]
        nn.init.zeros_(self.sampling_offsets.weight)
        with torch.no_grad():
            self.sampling_offsets.bias.copy_(offsets.expand(-1, self.levels, -1, -1).flatten())
        nn.init.zeros_(self.attention_weights.weight)
        nn.init.zeros_(self.attention_weights.bias)
        for projection in (self.value_proj, self.output_proj):
            nn.init.xavier_uniform_(projection.weight)
            nn.init.zeros_(projection.bias)

    def forward(self, query: Tensor, reference_points: Tensor, tokens: Tensor, shapes: Shapes) -> Tensor:
        """query and tokens (N, S, dim), reference points (S, 2) as x and y from 0 to 1 → (N, S, dim)."""
        grid = (self.heads, self.levels, self.points)
        value = self.value_proj(tokens).unflatten(2, (self.heads, -1))
        offsets = self.sampling_offsets(query).unflatten(2, (*grid, 2)).float()
        weights = self.attention_weights(query).unflatten(2, (self.heads, -1)).float().softmax(3).unflatten(3, grid[1:])
        extent = torch.tensor([[width, height] for height, width in shapes], device=query.device)
        locations = reference_points[:, None, None, None] + offsets / extent[:, None]
        return self.output_proj(deformable_attention(value, shapes, locations, weights))


class EncoderLayer(nn.Module):
    """Deformable self-attention and a feed-forward network, each with a residual and a layer norm behind it."""

    def __init__(self, configuration: PixelDecoder, levels: int):
        super().__init__()
        dim = configuration.dim
        self.self_attn = MSDeformAttn(dim, configuration.heads, levels, configuration.points)
        self.norm1 = nn.LayerNorm(dim)
        self.linear1 = nn.Linear(dim, configuration.feed_forward)
        self.linear2 = nn.Linear(configuration.feed_forward, dim)
        self.norm2 = nn.LayerNorm(dim)
        for linear in (self.linear1, self.linear2):
            nn.init.xavier_uniform_(linear.weight)

    def forward(self, tokens: Tensor, position: Tensor, reference_points: Tensor, shapes: Shapes) -> Tensor:
        tokens = self.norm1(tokens + self.self_attn(tokens + position, reference_points, tokens, shapes))
        return self.norm2(tokens + self.linear2(F.relu(self.linear1(tokens))))


class TransformerEncoder(nn.Module):
    """The encoder layers, under the two names that checkpoints know: `level_embed` and `encoder.layers`."""

    def __init__(self, configuration: PixelDecoder, levels: int):
        super().__init__()
        self.level_embed = nn.Parameter(torch.randn(levels, configuration.dim))
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(EncoderLayer(configuration, levels) for _ in range(configuration.layers))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """Feature maps (N, dim, h, w), coarse to fine → the same, each token having seen all levels."""
        shapes = [(x.shape[2], x.shape[3]) for x in maps]
        dim, device = maps[0].shape[1], maps[0].device
        position = torch.cat([
            sine_position_embedding(height, width, dim, device) + embedding
            for (height, width), embedding in zip(shapes, self.level_embed)])
        reference_points = torch.cat([_pixel_centres(height, width, device) for height, width in shapes])
        tokens = torch.cat([x.flatten(2).transpose(1, 2) for x in maps], dim=1)
        for layer in self.encoder.layers:
            tokens = layer(tokens, position, reference_points, shapes)
        parts = tokens.split([height * width for height, width in shapes], dim=1)
        return [part.transpose(1, 2).unflatten(2, shape) for part, shape in zip(parts, shapes)]


class MSDeformAttnPixelDecoder(nn.Module):
    """Features of the backbone → mask features of stride 4 and the levels for the transformer decoder."""

    def __init__(self, configuration: PixelDecoder, channels: list[int]):
        super().__init__()
        dim = configuration.dim
        self.input_proj = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, dim, 1), nn.GroupNorm(32, dim)) for inputs in reversed(channels[1:]))
        for convolution, _ in self.input_proj:
            nn.init.xavier_uniform_(convolution.weight)
            nn.init.zeros_(convolution.bias)
        self.transformer = TransformerEncoder(configuration, levels=len(channels) - 1)
        self.adapter_1 = ConvGroupNorm(channels[0], dim, 1)
        self.layer_1 = ConvGroupNorm(dim, dim, 3)
        self.mask_features = nn.Conv2d(dim, configuration.mask_dim, 1)

    def forward(self, features: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """`res2` to `res5` → mask features (N, mask_dim, H/4, W/4), levels (N, dim, h, w) of strides 32, 16, 8."""
        coarse_to_fine = reversed(features[1:])
        levels = self.transformer([projection(x) for projection, x in zip(self.input_proj, coarse_to_fine)])
        lateral = self.adapter_1(features[0])
        upsampled = F.interpolate(levels[-1], lateral.shape[2:], mode="bilinear", align_corners=False)
        return self.mask_features(F.relu(self.layer_1(lateral + upsampled))), levels


def _pixel_centres(height: int, width: int, device: torch.device) -> Tensor:
    """x and y of every pixel as shares of the extent, (height * width, 2)."""
    y = (torch.arange(height, device=device) + 0.5) / height
    x = (torch.arange(width, device=device) + 0.5) / width
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([columns, rows], dim=2).flatten(0, 1)
