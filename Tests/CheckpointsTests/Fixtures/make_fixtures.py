"""Writes the checkpoints beside this file with PyTorch and safetensors themselves (made with 2.13 and 0.8).

    pip install torch safetensors numpy
    python make_fixtures.py

`plain.safetensors` holds what every readable `.pt` here must give, tensor by tensor.
"""
import collections
import os
import warnings
import zipfile

import numpy as np
import safetensors.torch
import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))
warnings.filterwarnings('ignore')


def tensors():
    random = torch.Generator().manual_seed(7)
    base = torch.randn(6, 10, generator=random)
    deep = torch.randn(3, 4, 5, 2, generator=random)
    return collections.OrderedDict([
        ('float32', torch.randn(2, 3, 5, generator=random)),
        ('parameter', torch.nn.Parameter(torch.randn(7, generator=random))),
        ('frozen', torch.nn.Parameter(torch.randn(3, 1, generator=random), requires_grad=False)),
        ('float16', torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6.1e-5, 5.97e-8, float('inf')]).half()),
        ('bfloat16', torch.randn(3, 3, generator=random).bfloat16()),
        ('float64', torch.randn(4, generator=random).double()),
        ('int64', torch.tensor([0, -1, 2**62, -2**63])),
        ('int32', torch.arange(-2, 3, dtype=torch.int32)),
        ('int16', torch.arange(-2, 3, dtype=torch.int16)),
        ('int8', torch.arange(-2, 3, dtype=torch.int8)),
        ('uint8', torch.arange(250, 255, dtype=torch.uint8)),
        ('bool', torch.tensor([True, False, True])),
        ('scalar', torch.tensor(3.5)),
        ('empty', torch.zeros(0, 4)),
        ('base', base),
        ('base.transposed', base.t()),
        ('base.row', base[3]),
        ('base.column', base[:, 4]),
        ('base.steps', base[1::2, 2:9:3]),
        ('deep.permuted', deep.permute(2, 0, 3, 1)),
        ('deep.channels_last', torch.randn(1, 3, 4, 5, generator=random).contiguous(memory_format=torch.channels_last)),
        ('deep.bytes', torch.arange(24, dtype=torch.uint8).view(4, 6).t()),
        ('deep.longs', torch.arange(24).view(4, 6).t()),
        ('name "with" \\ é 人', torch.ones(1)),
    ])


def rezip(source, target, compression, edit=lambda name, data: data, zip64=False):
    """Packs an archive again with Python's zipfile, as a user's tool would."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, 'w', compression) as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename)
            info.compress_type = compression
            with new.open(info, 'w', force_zip64=zip64) as file:
                file.write(edit(entry.filename, old.read(entry)))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(3, 2)
        self.norm = torch.nn.BatchNorm1d(2)

    def forward(self, x):
        return self.norm(self.linear(x))


if __name__ == '__main__':
    torch.manual_seed(7)
    state = tensors()
    safetensors.torch.save_file(
        {name: value.detach().contiguous().clone() for name, value in state.items()},
        'plain.safetensors', metadata={'format': 'pt', 'note': 'line\nbreak, "quotes", é, \u0001, 𝄞'})

    # Read.
    torch.save({'model': state}, 'model.pt')
    torch.save(state, 'bare.pt')
    torch.save(dict(state), 'bare_protocol4.pt', pickle_protocol=4)
    rezip('model.pt', 'deflated.pt', zipfile.ZIP_DEFLATED)
    rezip('model.pt', 'restored.pt', zipfile.ZIP_STORED)
    rezip('model.pt', 'restored_zip64.pt', zipfile.ZIP_STORED, zip64=True)
    net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)
    net(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
    torch.save({'model': net.state_dict(), 'optimizer': optimizer.state_dict(), 'scheduler': scheduler.state_dict(),
                'iteration': 1, 'seed': 2**64 - 1, 'note': None, 'hooks': [{'best': (1.5, True)}]}, 'detectron2.pt')

    torch.save({'model': state}, 'legacy.pt', _use_new_zipfile_serialization=False)
    torch.save({'model': {}, 'best': np.float64(1)}, 'numpy.pt')

    # Refused.
    torch.jit.save(torch.jit.trace(net.eval(), torch.randn(1, 3)), 'script.pt')
    torch.save(net, 'whole_module.pt')
    rezip('model.pt', 'big_endian.pt', zipfile.ZIP_DEFLATED,
          lambda name, data: b'big' if name.endswith('byteorder') else data)
    torch.save({'model': {'weight': torch.zeros(1).expand(1000)}}, 'expanded.pt')
    torch.save({'model': {'weight': torch.eye(3).to_sparse()}}, 'sparse.pt')
    torch.save({'model': {'weight': torch.zeros(1), 'version': 2}}, 'not_a_tensor.pt')
    torch.save([torch.zeros(1)], 'list.pt')
