"""The backbone: a ResNet of depth 18 to 152 (He et al., arXiv 1512.03385) with a basic or a DeepLab stem (arXiv 1706.05587)."""
from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from ..configuration import Backbone
from .layers import ConvFrozenBatchNorm

BLOCKS = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}


class BasicStem(nn.Module):
    """7 × 7 of stride 2, then max pooling: stride 4."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = ConvFrozenBatchNorm(3, channels, 7, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(F.relu(self.conv1(x)), 3, 2, 1)


class DeepLabStem(nn.Module):
    """Three 3 × 3, the first of stride 2, then max pooling: stride 4."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv1 = ConvFrozenBatchNorm(3, channels // 2, 3, stride=2)
        self.conv2 = ConvFrozenBatchNorm(channels // 2, channels // 2, 3)
        self.conv3 = ConvFrozenBatchNorm(channels // 2, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        for conv in (self.conv1, self.conv2, self.conv3):
            x = F.relu(conv(x))
        return F.max_pool2d(x, 3, 2, 1)


class BasicBlock(nn.Module):
    """Two 3 × 3 and the shortcut; the second norm starts small, so that a deep network starts near the identity."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.shortcut = ConvFrozenBatchNorm(inputs, outputs, 1, stride) if inputs != outputs else None
        self.conv1 = ConvFrozenBatchNorm(inputs, outputs, 3, stride)
        self.conv2 = ConvFrozenBatchNorm(outputs, outputs, 3)
        nn.init.constant_(self.conv2.norm.weight, 0.2)

    def forward(self, x: Tensor) -> Tensor:
        residual = self.conv2(F.relu(self.conv1(x)))
        return F.relu(residual + (x if self.shortcut is None else self.shortcut(x)))


class BottleneckBlock(nn.Module):
    """1 × 1, 3 × 3, 1 × 1 and the shortcut; the stride is in the first or in the second."""

    def __init__(self, inputs: int, width: int, outputs: int, stride: int, dilation: int, stride_in_1x1: bool):
        super().__init__()
        first, second = (stride, 1) if stride_in_1x1 else (1, stride)
        self.shortcut = ConvFrozenBatchNorm(inputs, outputs, 1, stride) if inputs != outputs else None
        self.conv1 = ConvFrozenBatchNorm(inputs, width, 1, first)
        self.conv2 = ConvFrozenBatchNorm(width, width, 3, second, dilation)
        self.conv3 = ConvFrozenBatchNorm(width, outputs, 1)
        nn.init.constant_(self.conv3.norm.weight, 0.2)

    def forward(self, x: Tensor) -> Tensor:
        residual = self.conv3(F.relu(self.conv2(F.relu(self.conv1(x)))))
        return F.relu(residual + (x if self.shortcut is None else self.shortcut(x)))


class ResNet(nn.Module):
    """(N, 3, H, W), normalized, H and W multiples of 32 → `res2` to `res5`, strides 4, 8, 16 and 32."""

    def __init__(self, configuration: Backbone):
        super().__init__()
        stem = DeepLabStem if configuration.stem_type == "deeplab" else BasicStem
        self.stem = stem(configuration.stem_channels)
        inputs = configuration.stem_channels
        for index, outputs in enumerate(configuration.channels):
            self.add_module(f"res{index + 2}", _stage(configuration, index, inputs, outputs))
            inputs = outputs

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        features = []
        for stage in (self.res2, self.res3, self.res4, self.res5):
            x = stage(x)
            features.append(x)
        return features


def _stage(configuration: Backbone, index: int, inputs: int, outputs: int) -> nn.Sequential:
    dilation = {2: configuration.res4_dilation, 3: configuration.res5_dilation}.get(index, 1)
    stage_stride = 1 if index == 0 or dilation > 1 else 2
    blocks: list[nn.Module] = []
    for block in range(BLOCKS[configuration.depth][index]):
        stride = stage_stride if block == 0 else 1
        if configuration.depth < 50:
            blocks.append(BasicBlock(inputs, outputs, stride))
        else:
            grid = configuration.res5_multi_grid[block % len(configuration.res5_multi_grid)] if index == 3 else 1
            blocks.append(BottleneckBlock(
                inputs, configuration.width << index, outputs, stride, dilation * grid, configuration.stride_in_1x1))
        inputs = outputs
    return nn.Sequential(*blocks)
