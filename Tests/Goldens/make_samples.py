"""Writes samples/: what the reference computes with the shipped starter weights for the sample photographs.

    PYTHONPATH=<folder of the reference instrument modelscope_m2fp.py> python make_samples.py

For each photograph its label map (indexed PNG) and its people and parts (JSON). The weights are read from the shipped
file itself, so that the rounding of its storage is not counted as an error of the engine.
"""
import json
import os

import modelscope_m2fp as ref
import numpy as np
import torch
from PIL import Image
from safetensors import safe_open

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, '..', '..')
PALETTE = [(0, 0, 0)] + [(int(255 * (i * 37 % 20) / 19), int(255 * (i * 53 % 20) / 19), 255 - 12 * i) for i in range(1, 20)]


def starter():
    with safe_open(os.path.join(ROOT, 'Weights', 'starter-fp16.safetensors'), 'pt') as file:
        configuration = json.loads(file.metadata()['m2fp.configuration'])
        tensors = {key: file.get_tensor(key).float() for key in file.keys()}
    model = ref.from_configuration(configuration['model'])
    state = model.state_dict()
    for name in state:
        stem, _, leaf = name.rpartition('.')
        if name in tensors:
            state[name] = tensors[name]
        elif leaf in ('running_mean', 'num_batches_tracked'):
            state[name] = torch.zeros_like(state[name])
        elif leaf == 'bias':                              # a folded norm keeps the convolution's bias, and scales by one
            state[name] = tensors[stem.removesuffix('.norm') + '.bias']
        elif leaf == 'running_var':
            state[name] = torch.ones_like(state[name])
        else:
            state[name] = torch.full_like(state[name], (1 + 1e-5) ** 0.5)
    model.load_state_dict(state, strict=True)
    return model, configuration


def main():
    model, configuration = starter()
    os.makedirs(os.path.join(HERE, 'samples'), exist_ok=True)
    for photo in ('astronaut.png', 'grace-hopper.jpg', 'two-people.jpg'):
        image = Image.open(os.path.join(ROOT, 'Docs', 'Samples', photo))
        parsing = ref.run_pipeline(model, image, **configuration['preprocess'])['parsing']
        labels = Image.fromarray(parsing['semantic_outputs'].argmax(0).numpy().astype(np.uint8), mode='P')
        labels.putpalette(sum(map(list, PALETTE), []))
        name = os.path.splitext(photo)[0]
        labels.save(os.path.join(HERE, 'samples', f'{name}.labels.png'), optimize=True)
        found = {kind: [dict(label=configuration['model']['classes'][i['category_id']], score=round(i['score'], 6),
                             area=int((i['mask'] > 0).sum())) for i in parsing[f'{kind}_outputs']]
                 for kind in ('human', 'part')}
        with open(os.path.join(HERE, 'samples', f'{name}.json'), 'w') as file:
            json.dump(found, file, indent=1)


if __name__ == '__main__':
    main()
