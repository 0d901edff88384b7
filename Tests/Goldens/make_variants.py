"""Writes variant-*/ beside this file: networks that ModelScope's goldens leave out, on a small input.

    PYTHONPATH=<folder of the reference instrument modelscope_m2fp.py> python make_variants.py
    PYTHONPATH=<the same> python make_variants.py --full FOLDER     (the published size, 640 x 1152, into FOLDER)

Each folder gets pytorch_model.pt, configuration.json and stages.safetensors (the padded, normalized input among them).
The blocks, stems and decoders are the reference's own where it has them. The plain FPN pixel decoder and the choice of
basic residual blocks follow the descriptions of Mask2Former's BasePixelDecoder and of Detectron2's ResNet 18 and 34.
"""
import json
import os
import sys

import modelscope_m2fp as ref
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

SMALL = dict(stem=16, width=8, res2=32, conv_dim=32, encoder_ffn=64, decoder_ffn=48, queries=7)


class FPN(nn.Module):
    """1 x 1 laterals, nearest upsampling, 3 x 3 outputs, a 3 x 3 convolution to the mask features."""

    def __init__(self, channels, dim, mask_dim):
        super().__init__()
        conv = ref._resnet.Conv2d
        for i, c in enumerate(channels, 1):
            if i < len(channels):
                self.add_module(f'adapter_{i}', conv(c, dim, kernel_size=1, bias=False, norm=nn.GroupNorm(32, dim)))
            self.add_module(f'layer_{i}', conv(dim if i < len(channels) else c, dim, kernel_size=3, padding=1, bias=False,
                                               norm=nn.GroupNorm(32, dim), activation=F.relu))
        self.mask_features = conv(dim, mask_dim, kernel_size=3, padding=1)
        self.conv_dim = dim

    def forward_features(self, features):
        maps, levels = [features[f'res{i}'] for i in range(2, 6)], []
        y = None
        for i in range(len(maps), 0, -1):
            x = maps[i - 1]
            if y is not None:
                lateral = getattr(self, f'adapter_{i}')(x)
                x = lateral + F.interpolate(y, size=lateral.shape[-2:], mode='nearest')
            y = getattr(self, f'layer_{i}')(x)
            levels.append(y)
        return self.mask_features(y), None, levels[:3]


def shallow_stages(backbone, section):
    """Replaces the bottleneck stages by basic blocks: depth 18 or 34."""
    blocks = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3]}[section['depth']]
    inputs, outputs = section['stem_out_channels'], section['res2_out_channels']
    backbone.stages = []
    for i, count in enumerate(blocks):
        stage = nn.Sequential(*[ref._resnet.BasicBlock(inputs if k == 0 else outputs, outputs, stride=2 if k == 0 and i else 1)
                                for k in range(count)])
        backbone.add_module(f'res{i + 2}', stage)
        backbone.stages.append(stage)
        inputs, outputs = outputs, outputs * 2


def build(section):
    modelscope = json.loads(json.dumps(section))
    kind, depth = modelscope['encoder'].pop('type', None), modelscope['backbone']['depth']
    if depth < 50:
        modelscope['backbone']['depth'] = 50
    model = ref.from_configuration(modelscope)
    if depth < 50:
        shallow_stages(model.backbone, section['backbone'])
    if kind == 'fpn':
        channels = [section['backbone']['res2_out_channels'] << i for i in range(4)]
        model.sem_seg_head.pixel_decoder = FPN(channels, section['encoder']['conv_dim'], section['encoder']['mask_dim'])
    return model.eval()


def section(depth, stem_type='deeplab', kind=None, hidden_dim=None, backbone={}, decoder={}):
    s = ref.configuration(depth=depth, encoder_layers=1, decoder_layers=4, **SMALL)
    s['backbone'].update(backbone, stem_type=stem_type)
    s['decoder'].update(decoder)
    if kind:
        s['encoder']['type'] = kind
    return s


CASES = {
    'variant-r18-fpn': section(18, 'basic', 'fpn', backbone=dict(res2_out_channels=8), decoder=dict(pre_norm=True, hidden_dim=48)),
    'variant-r34': section(34, backbone=dict(res2_out_channels=8), decoder=dict(enforce_input_project=True)),
    'variant-r50-dilated': section(50, 'basic', backbone=dict(stride_in_1x1=True, res5_dilation=2, res5_multi_grid=[1, 2, 4])),
    'variant-r152': section(152, backbone=dict(width_per_group=4, res2_out_channels=16), decoder=dict(pre_norm=True)),
}


@torch.no_grad()
def write(folder, section, seed, size=(90, 120)):
    os.makedirs(folder, exist_ok=True)
    model = ref.randomize(build(section), seed)
    torch.save({'model': model.state_dict(), 'iteration': 1}, f'{folder}/pytorch_model.pt')
    json.dump({'model': section}, open(f'{folder}/configuration.json', 'w'), indent=1)
    x = torch.rand((3, *size), generator=torch.Generator().manual_seed(seed)) * 255
    stages = ref.stages(model, {'batched_inputs': [{'image': x}]})
    save_file({k: v.contiguous() for k, v in stages.items()}, f'{folder}/stages.safetensors')
    print(folder, {k: tuple(v.shape) for k, v in stages.items()})


if __name__ == '__main__':
    if sys.argv[1:2] == ['--full']:
        sys.exit(write(sys.argv[2], ref.configuration(), 1, size=(640, 1152)))
    here = os.path.dirname(os.path.abspath(__file__))
    for seed, (name, case) in enumerate(CASES.items(), 21):
        write(os.path.join(here, name), case, seed)
