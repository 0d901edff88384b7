"""Writes the checkpoints `field_*.pt` beside this file: weights among what training programs keep with them.

    pip install torch numpy
    python make_field_fixtures.py

In each, the weights are `weight`, 1 to 6 in shape [2, 3], and `bias`, 7 and 8 (made with PyTorch 2.13 and NumPy 2.4).
"""
import argparse
import collections
import datetime
import decimal
import enum
import fractions
import functools
import os
import pathlib
import types
import uuid

import numpy as np
import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))


class ConfigNode(dict):
    """As the configuration classes of training programs."""


class Record:
    """An object of a class that only its program knows."""

    __slots__ = ('values', 'myself')

    def __init__(self):
        self.values, self.myself = [1, 2], self


class Setting(enum.Enum):
    FAST = 1


def state():
    return collections.OrderedDict(weight=torch.arange(1.0, 7).view(2, 3), bias=torch.tensor([7.0, 8.0]))


def beside():
    node = ConfigNode(lr=1e-4, nested=ConfigNode(steps=[1, 2]))
    node.frozen = True
    return {
        'best': np.float64(0.5), 'step': np.int64(7), 'curve': np.arange(3.0), 'flags': np.array([True, False]),
        'names': np.array(['a', 'b'], dtype=object), 'structure': np.zeros(2, dtype=[('a', 'f4'), ('b', 'i8')]),
        'counts': collections.Counter(a=1, b=2), 'per_class': collections.defaultdict(list, {'a': [1]}),
        'recent': collections.deque([1.0, 2.0], maxlen=5),
        'args': argparse.Namespace(
            data=pathlib.PosixPath('/data/people'), dtype=torch.float16, device=torch.device('cuda', 0), batch=8),
        'folder': pathlib.PurePosixPath('runs/1'), 'windows': pathlib.PureWindowsPath('C:/runs'),
        'simple': types.SimpleNamespace(a=1), 'config': node, 'record': Record(),
        'when': datetime.datetime(2024, 1, 2, 3), 'took': datetime.timedelta(hours=3),
        'price': decimal.Decimal('1.5'), 'share': fractions.Fraction(1, 3), 'id': uuid.UUID(int=7),
        'set': {1, 2}, 'frozen': frozenset('ab'), 'complex': 1 + 2j, 'raw': b'\0\xff' * 200, 'array': bytearray(b'ab'),
        'range': range(3), 'slice': slice(1, 2), 'large': 2**70, 'type': int, 'loss': torch.nn.CrossEntropyLoss,
        'partial': functools.partial(int, '7'), 'size': torch.Size([1, 2]), 'layout': torch.strided,
        'rng': torch.get_rng_state()[:8].clone(), 'numpy_rng': np.random.RandomState(1).get_state(),
        'sparse': torch.eye(2).to_sparse(), 'unsigned': torch.zeros(2, dtype=torch.uint16),
        'metric': torch.tensor(0.25), 'scheduler': torch.optim.lr_scheduler.LambdaLR,
    }


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('weight', state()['weight'])
        self.register_buffer('bias', state()['bias'])


if __name__ == '__main__':
    torch.manual_seed(7)
    for protocol in (2, 4, 5):
        torch.save({'epoch': 3, 'state_dict': state(), **beside()}, f'field_beside{protocol}.pt',
                   pickle_protocol=protocol)
    torch.save({'model': state(), **beside()}, 'field_legacy.pt', _use_new_zipfile_serialization=False)
    torch.save({'model': state(), **beside()}, 'field_legacy4.pt', pickle_protocol=4,
               _use_new_zipfile_serialization=False)

    # Parameters with attributes, and a subclass of tensors, are weights like all others.
    parameter = torch.nn.Parameter(state()['weight'])
    parameter.no_weight_decay = True
    attributed = state()['bias']
    attributed.origin = 'head'
    torch.save({'weight': parameter, 'bias': attributed}, 'field_attributes.pt')

    # Averages of the weights, as PyTorch's own class keeps them.
    average = torch.optim.swa_utils.AveragedModel(Net())
    torch.save({'ema_state_dict': average.state_dict(), 'updates': 4}, 'field_average.pt')

    # Refused: modules as a whole, and an object that is made by a call of a class that only its program knows.
    torch.save({'model': Net(), 'epoch': 1}, 'field_module.pt')
    torch.save(Net(), 'field_module_legacy.pt', _use_new_zipfile_serialization=False)
    torch.save({'model': state(), 'setting': Setting.FAST}, 'field_enum.pt')
