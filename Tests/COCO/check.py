"""Holds COCO documents of this package against pycocotools.

    pip install pycocotools numpy pillow
    python3 Tests/COCO/check.py FILE.coco.json [MASKS]

pycocotools loads the document, decodes every run-length mask, and says its area and box; encoding the decoded mask again
has to give the same text. In the folder MASKS, mask-00.png, mask-01.png … are the masks of the annotations in their
order, 8-bit, inside above one half: they have to be the same pixels.
"""
import contextlib
import io
import pathlib
import sys

import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO


def problems(annotation, image, picture):
    runs = annotation['segmentation']
    if isinstance(runs, list):
        return
    if runs['size'] != [image['height'], image['width']]:
        yield f"size {runs['size']} in a picture of {image['height']} × {image['width']}"
        return
    encoded = {'size': runs['size'], 'counts': runs['counts'].encode()}
    decoded = coco_mask.decode(encoded)
    if coco_mask.encode(np.asfortranarray(decoded))['counts'] != encoded['counts']:
        yield 'encoding the decoded mask again gives other run lengths'
    if int(coco_mask.area(encoded)) != annotation['area']:
        yield f"area {annotation['area']}, expected {int(coco_mask.area(encoded))}"
    if decoded.any() and coco_mask.toBbox(encoded).tolist() != annotation['bbox']:
        yield f"box {annotation['bbox']}, expected {coco_mask.toBbox(encoded).tolist()}"
    if picture is not None:
        differing = np.count_nonzero((np.asarray(picture) > 127) != decoded.astype(bool))
        if differing:
            yield f'{differing} pixels differ from the mask'


def main():
    document, *folders = map(pathlib.Path, sys.argv[1:])
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(document)
    failures = 0
    for index, annotation in enumerate(coco.loadAnns(sorted(coco.getAnnIds()))):
        picture = Image.open(folders[0] / f'mask-{index:02}.png') if folders else None
        for problem in problems(annotation, coco.loadImgs(annotation['image_id'])[0], picture):
            print(f"{document.name}, annotation {annotation['id']}: {problem}")
            failures += 1
    print(f'{document.name}: {len(coco.anns)} annotations, {failures} problems')
    return 1 if failures or not coco.anns else 0


if __name__ == '__main__':
    sys.exit(main())
