"""Layers that several parts of the network share. Attribute names are those of ModelScope's checkpoints."""
from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class FrozenBatchNorm(nn.Module):
    """Batch norm with fixed statistics, as it is at inference; scale and shift still learn.

    Batches for training are too small for statistics of their own. It is not applied by itself: `ConvFrozenBatchNorm`
    folds it into the convolution before it.
    """

    epsilon = 1e-5

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.full((channels,), 1 - self.epsilon))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def scale_and_shift(self) -> tuple[Tensor, Tensor]:
        """γ / √(σ² + ε) and β − μ γ / √(σ² + ε), each (channels)."""
        scale = self.weight * (self.running_var + self.epsilon).rsqrt()
        return scale, self.bias - self.running_mean * scale


class ConvFrozenBatchNorm(nn.Conv2d):
    """A convolution without bias and the frozen batch norm behind it, computed as one convolution."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, dilation: int = 1):
        padding = dilation * (kernel // 2)
        super().__init__(inputs, outputs, kernel, stride, padding, dilation, bias=False)
        self.norm = FrozenBatchNorm(outputs)
        nn.init.kaiming_normal_(self.weight, mode="fan_in", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        scale, shift = self.norm.scale_and_shift()
        weight = self.weight * scale[:, None, None, None]
        return F.conv2d(x, weight, shift, self.stride, self.padding, self.dilation)


class ConvGroupNorm(nn.Conv2d):
    """A convolution without bias and a group norm of 32 groups."""

    def __init__(self, inputs: int, outputs: int, kernel: int):
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.GroupNorm(32, outputs)
        nn.init.kaiming_uniform_(self.weight, a=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(super().forward(x))


class MLP(nn.Module):
    """Linear layers with ReLU between them."""

    def __init__(self, inputs: int, hidden: int, outputs: int, layers: int):
        super().__init__()
        sizes = [inputs] + [hidden] * (layers - 1) + [outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


def sine_position_embedding(height: int, width: int, dim: int, device: torch.device) -> Tensor:
    """The sine embedding of pixel positions, (height * width, dim): half for the row, half for the column.

    Positions go from 1 to the extent and are scaled to 2π (DETR, Carion et al., arXiv 2005.12872, appendix A.4); channels
    2k and 2k + 1 are sine and cosine of the position times 10000^(−2k / (dim / 2)).
    """
    half = dim // 2
    exponent = torch.arange(half, device=device).div(2, rounding_mode="floor").mul(2 / half)
    frequency = 10_000.0 ** -exponent

    def along(extent: int) -> Tensor:
        position = torch.arange(1, extent + 1, dtype=torch.float32, device=device) / (extent + 1e-6) * (2 * math.pi)
        angles = position[:, None] * frequency
        return torch.stack([angles[:, 0::2].sin(), angles[:, 1::2].cos()], dim=2).flatten(1)

    rows = along(height)[:, None].expand(height, width, half)
    columns = along(width)[None].expand(height, width, half)
    return torch.cat([rows, columns], dim=2).flatten(0, 1)
