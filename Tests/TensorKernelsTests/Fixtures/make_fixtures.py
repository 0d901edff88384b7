"""Writes pytorch.json: small cases of every kernel, as PyTorch 2.13 computes them on a CPU.

    python make_fixtures.py        # needs torch (CPU) only

A case has the kernel's inputs and its output as flat lists in our own order (height, width, channels).
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

generator = torch.Generator().manual_seed(20230131)


def normal(*shape):
    # Few digits keep the file small and the numbers exact in decimal.
    return (torch.randn(*shape, generator=generator) * 64).round() / 64


def nchw(x):
    return x.permute(2, 0, 1)[None]


def nhwc(x):
    return x[0].permute(1, 2, 0)


def convolution():
    x, weight, bias = normal(7, 6, 4), normal(5, 4, 3, 3), normal(5)
    y = F.conv2d(nchw(x), weight, bias, stride=2, padding=2, dilation=2)
    return dict(x=x, weight=weight, bias=bias, y=nhwc(y))


def max_pool():
    x = normal(6, 5, 3)
    return dict(x=x, y=nhwc(F.max_pool2d(nchw(x), 3, 2, 1)))


def layer_norm():
    x, weight, bias = normal(3, 12), normal(12), normal(12)
    return dict(x=x, weight=weight, bias=bias, y=F.layer_norm(x, (12,), weight, bias))


def group_norm():
    x, weight, bias = normal(3, 5, 12), normal(12), normal(12)
    return dict(x=x, weight=weight, bias=bias, y=nhwc(F.group_norm(nchw(x), 4, weight, bias)))


def softmax():
    x = normal(3, 11) * 4
    return dict(x=x, y=x.softmax(-1))


def attention():
    queries, keys, values = normal(3, 8), normal(10, 8), normal(10, 8)
    mask = torch.rand(3, 10, generator=generator) < 0.6
    mask[1] = True
    seen = ~mask
    seen[1] = True                      # a query from which all is hidden sees all
    heads = [x.view(-1, 2, 4).transpose(0, 1) for x in (queries, keys, values)]
    y = F.scaled_dot_product_attention(*heads, attn_mask=seen[None]).transpose(0, 1).reshape(3, 8)
    return dict(queries=queries, keys=keys, values=values, mask=mask.float(), y=y)


def deformable_attention():
    """Two heads of 4 channels, 3 points on levels of 2 x 3 and 4 x 6 pixels."""
    sizes, heads, points, width = [(2, 3), (4, 6)], 2, 3, 4
    pixels = sum(h * w for h, w in sizes)
    value = normal(pixels, heads * width)
    offsets = normal(pixels, heads * len(sizes) * points * 2) * 2
    logits = normal(pixels, heads * len(sizes) * points)
    centers = torch.cat([
        torch.stack(torch.meshgrid((torch.arange(w) + 0.5) / w, (torch.arange(h) + 0.5) / h, indexing='xy'), -1)
        .reshape(-1, 2) for h, w in sizes])
    steps = offsets.view(pixels, heads, len(sizes), points, 2)
    weights = logits.view(pixels, heads, -1).softmax(-1).view(pixels, heads, len(sizes), points)
    y = torch.zeros(pixels, heads, width)
    start = 0
    for level, (h, w) in enumerate(sizes):
        places = centers[:, None, None] + steps[:, :, level] / torch.tensor([w, h])
        for head in range(heads):
            image = value[start:start + h * w, head * width:(head + 1) * width].T.view(1, width, h, w)
            samples = F.grid_sample(image, 2 * places[None, :, head] - 1, align_corners=False)
            y[:, head] += (samples[0] * weights[:, head, level]).sum(-1).T
        start += h * w
    return dict(value=value, offsets=offsets, logits=logits, y=y)


def resize():
    x = normal(4, 6, 3)
    case = dict(x=x)
    for name, size in (('up', (9, 11)), ('down', (3, 2))):
        case[f'bilinear_{name}'] = nhwc(F.interpolate(nchw(x), size, mode='bilinear', align_corners=False))
        case[f'nearest_{name}'] = nhwc(F.interpolate(nchw(x), size, mode='nearest'))
    return case


def sine_position_embedding():
    """Mask2Former's, for 3 x 5 pixels and 12 channels, written out from its definition."""
    height, width, half = 3, 5, 6
    wavelengths = 10000 ** (2 * (torch.arange(half, dtype=torch.float32) // 2) / half)

    def axis(length):
        position = torch.arange(1, length + 1, dtype=torch.float32) / (length + 1e-6) * 2 * math.pi
        angle = position[:, None] / wavelengths
        return torch.where(torch.arange(half) % 2 == 0, angle.sin(), angle.cos())

    y = torch.cat([axis(height)[:, None].expand(-1, width, -1), axis(width)[None].expand(height, -1, -1)], -1)
    return dict(y=y)


cases = [convolution, max_pool, layer_norm, group_norm, softmax, attention, deformable_attention, resize,
         sine_position_embedding]
result = {case.__name__: {name: [float(f'{v:.9g}') for v in x.flatten().tolist()] for name, x in case().items()}
          for case in cases}
path = pathlib.Path(__file__).with_name('pytorch.json')
path.write_text(json.dumps(result, indent=0, separators=(',', ':')).replace(',\n', ',') + '\n')
