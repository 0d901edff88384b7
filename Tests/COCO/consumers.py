"""Lets the programs that read COCO documents read those of m2fp: pycocotools, supervision, and Datumaro, which CVAT imports
with.

    pip install pycocotools supervision datumaro numpy
    python3 Tests/COCO/consumers.py PICTURES RUNS.json POLYGONS.json

Both documents are of the pictures in the folder PICTURES, one with run lengths and one with polygons and ids of categories
from 1. Every program has to find as many annotations as the document has, of the same classes, and with the same masks.
"""
import collections
import contextlib
import io
import json
import pathlib
import sys
import warnings

import numpy as np
from pycocotools.coco import COCO

failures = 0


def check(condition, message):
    global failures
    if not condition:
        print(message)
        failures += 1


def names(document):
    """How many annotations each picture has of each class."""
    categories = {category['id']: category['name'] for category in document['categories']}
    files = {image['id']: pathlib.Path(image['file_name']).name for image in document['images']}
    return collections.Counter((files[a['image_id']], categories[a['category_id']]) for a in document['annotations'])


def check_rules(path, document):
    """What CVAT asks of an upload: unique ids, categories from 1, and polygons of three corners inside of the picture."""
    for key in ('images', 'categories', 'annotations'):
        ids = [item['id'] for item in document[key]]
        check(len(set(ids)) == len(ids) > 0, f'{path.name}: the ids of {key} are not unique, or there are none')
    images = {image['id']: image for image in document['images']}
    ids = {category['id'] for category in document['categories']}
    for annotation in document['annotations']:
        name = f"{path.name}, annotation {annotation['id']}"
        check(annotation['category_id'] in ids, f"{name}: no category {annotation['category_id']}")
        image = images[annotation['image_id']]
        x, y, width, height = annotation['bbox']
        check(x >= 0 and y >= 0 and width > 0 and height > 0 and x + width <= image['width']
              and y + height <= image['height'], f"{name}: box {annotation['bbox']} outside of the picture, or empty")
        if isinstance(annotation['segmentation'], list):
            check(bool(annotation['segmentation']), f'{name}: no polygons')
            for polygon in annotation['segmentation']:
                check(len(polygon) >= 6 and len(polygon) % 2 == 0, f'{name}: a polygon of {len(polygon)} numbers')


def check_pycocotools(runs, polygons):
    """The outlines hold every pixel of the masks, and beside them only what the masks have as holes."""
    with contextlib.redirect_stdout(io.StringIO()):
        runs, polygons = COCO(runs), COCO(polygons)
        runs.loadRes([{'image_id': image, 'category_id': 0, 'bbox': [0, 0, 1, 1], 'score': 1.0} for image in runs.imgs])
    for (first, second) in zip(runs.anns.values(), polygons.anns.values(), strict=True):
        check(second['category_id'] == first['category_id'] + 1, f"annotation {first['id']}: categories differ")
        mask, outlined = runs.annToMask(first).astype(bool), polygons.annToMask(second).astype(bool)
        outside = np.count_nonzero(mask & ~outlined)
        check(outside <= mask.sum() * 0.01, f"annotation {first['id']}: {outside} of {mask.sum()} pixels lie outside of its outlines")


def check_supervision(pictures, path, document):
    import supervision
    for name in {pathlib.Path(image['file_name']).parent for image in document['images']}:
        check(str(name) == '.', f'{path.name}: file names with folders')
    data = supervision.DetectionDataset.from_coco(str(pictures), str(path), force_masks=True)
    coco = COCO(path)
    found = collections.Counter()
    for file, _, detections in data:
        image = next(image for image in document['images'] if image['file_name'] == pathlib.Path(file).name)
        for index, (mask, number) in enumerate(zip(detections.mask, detections.class_id)):
            found[pathlib.Path(file).name, data.classes[number]] += 1
            expected = coco.annToMask(coco.loadAnns(coco.getAnnIds(image['id']))[index]).astype(bool)
            # Polygons of integer corners are drawn with their border there.
            union = np.count_nonzero(mask | expected)
            share = np.count_nonzero(mask & expected) / union
            check(share == 1 or isinstance(document['annotations'][0]['segmentation'], list) and share > 0.6,
                  f'{path.name}, {file}: mask {index} agrees in {share:.3f} in supervision')
    check(found == names(document), f'{path.name}: supervision finds {found}')


def check_datumaro(place, pictures, path, document):
    from datumaro.components.dataset import Dataset
    (place / 'annotations').mkdir(parents=True)
    (place / 'images').mkdir()
    (place / 'images' / 'default').symlink_to(pictures.resolve())
    (place / 'annotations' / 'instances_default.json').write_text(json.dumps(document))
    data = Dataset.import_from(str(place), 'coco_instances')
    labels = next(iter(data.categories().values()))
    found = collections.Counter()
    for item in data:
        file = next(image['file_name'] for image in document['images'] if pathlib.Path(image['file_name']).stem == item.id)
        groups = {(annotation.group, annotation.label) for annotation in item.annotations}
        found.update((file, labels[label].name) for _, label in groups)
    check(found == names(document), f'{path.name}: Datumaro finds {found}, expected {names(document)}')


def main():
    import tempfile
    warnings.filterwarnings('ignore')
    pictures, *paths = map(pathlib.Path, sys.argv[1:])
    documents = [json.loads(path.read_text()) for path in paths]
    check_pycocotools(*paths)
    for path, document in zip(paths, documents):
        check_rules(path, document)
        with contextlib.redirect_stdout(io.StringIO()):
            check_supervision(pictures, path, document)
        with tempfile.TemporaryDirectory() as place:
            check_datumaro(pathlib.Path(place) / 'set', pictures, path, document)
        print(f"{path.name}: {len(document['annotations'])} annotations of {len(document['images'])} pictures")
    print(f'{failures} problems')
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
