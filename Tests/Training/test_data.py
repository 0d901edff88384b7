"""Samples, targets and losses: what is unknown teaches nothing, and a sample depends on the seed and its index alone."""
import random
import sys
import unittest
from pathlib import Path

import cv2
import numpy as np
import torch

from training import configuration
from training.criterion import Criterion
from training.data.catalogue import Catalogue
from training.data.composition import Composer, CompositionSettings
from training.data.picture import UNKNOWN, Picture, placement
from training.data.sources import photographs, read_sources
from training.data.targets import Targets, targets_of
from training.errors import TrainingError
from training.losses import dense_loss, dice_loss, mask_loss
from training.matching import MatchingCosts, match
from training.network import NetworkOutput

TINY = configuration.preset("tiny")
PARSING, PERSON = TINY.num_parsing, TINY.person_class
FACE, LEFT_ARM, RIGHT_ARM = (TINY.classes.index(name) for name in ("Face", "Left-arm", "Right-arm"))
DATA: Path


def blank(side: int = 32) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (np.full((side, side, 3), 128, np.uint8), *(np.zeros((side, side), np.uint8) for _ in range(2)))


class Pictures(unittest.TestCase):
    def test_mirroring_exchanges_left_and_right(self) -> None:
        image, labels, instances = blank()
        labels[:, :4], labels[:, 4:8], labels[0, 8:] = LEFT_ARM, FACE, UNKNOWN
        image[:, :4] = 200
        matrix = placement((15.5, 0), (15.5, 0), (-1, 1))
        mirrored = Picture(image, labels, instances).warped(matrix, 32, TINY.pairs, cv2.BORDER_CONSTANT)
        np.testing.assert_array_equal(mirrored.image, image[:, ::-1])
        self.assertTrue((mirrored.labels[:, -4:] == RIGHT_ARM).all() and (mirrored.labels[:, -8:-4] == FACE).all())
        self.assertTrue((mirrored.labels[0, :-8] == UNKNOWN).all())

    def test_contradictions_of_labels_and_instances_are_unknown(self) -> None:
        image, labels, instances = blank()
        labels[:8], instances[4:12] = FACE, 1
        picture = Picture.of_several_people(image, labels, instances)
        self.assertTrue((picture.instances[:4] == UNKNOWN).all(), "a part without a person")
        self.assertTrue((picture.labels[4:8] == FACE).all())
        self.assertTrue((picture.labels[8:12] == UNKNOWN).all() and (picture.instances[8:12] == 1).all())

    def test_placement_moves_its_point(self) -> None:
        matrix = placement((3, 5), (20, 10), (2, 0.5), 15)
        np.testing.assert_allclose(matrix @ [3, 5, 1], [20, 10])


class Samples(unittest.TestCase):
    def setUp(self) -> None:
        self.catalogue = Catalogue.of(photographs(read_sources([DATA / "data.toml"])), PARSING)

    def composer(self, seed: int = 1, cache: int = 1 << 30) -> Composer:
        settings = CompositionSettings(side=128, cache=cache)
        return Composer(self.catalogue, TINY.pairs, TINY.garments, settings, seed)

    def test_samples_depend_on_seed_and_index_alone(self) -> None:
        forwards, backwards, other = self.composer(), self.composer(cache=1), self.composer(seed=2)
        expected = [forwards.sample(index) for index in range(8)]
        for index in reversed(range(8)):
            for name in ("image", "labels", "instances"):
                np.testing.assert_array_equal(
                    getattr(backwards.sample(index), name), getattr(expected[index], name), f"{name} of sample {index}")
        self.assertFalse(all((other.sample(k).image == expected[k].image).all() for k in range(8)))

    def test_cache_is_bounded(self) -> None:
        composer = self.composer(cache=1 << 20)
        for index in range(8):
            composer.sample(index)
        self.assertLessEqual(composer.cache._bytes, 1 << 20)

    def test_preloading_changes_no_sample(self) -> None:
        composer = self.composer(cache=1)
        composer.cache.preload(self.catalogue.photographs)
        self.assertEqual(composer.cache._kept.keys(), {photograph.image for photograph in self.catalogue.photographs})
        np.testing.assert_array_equal(composer.sample(3).image, self.composer().sample(3).image)

    def test_all_kinds_of_samples_occur(self) -> None:
        samples = [self.composer().sample(index) for index in range(16)]
        people = [len(set(np.unique(sample.instances)) - {0, UNKNOWN}) for sample in samples]
        self.assertGreater(max(people), 2)
        self.assertTrue(any((sample.instances > 0).mean() > 0.6 for sample in samples), "no close-up")

    def test_loose_garments_are_nobody(self) -> None:
        """They change what nobody stands in front of, and no label."""
        changed = 0
        for index in range(8):
            without, with_garments = (
                Composer(
                    self.catalogue, TINY.pairs, TINY.garments,
                    CompositionSettings(side=128, loose_garment_share=share), 1) for share in (0, 1))
            canvas = without._portrait(random.Random(index), False)
            before = Picture(canvas.image.copy(), canvas.labels.copy(), canvas.instances.copy())
            with_garments._drop_garment(canvas, random.Random(index))
            np.testing.assert_array_equal(canvas.labels, before.labels)
            np.testing.assert_array_equal(canvas.instances, before.instances)
            changed += (canvas.image != before.image)[before.instances == 0].any()
        self.assertGreater(changed, 2)

    def test_a_class_that_does_not_exist_is_refused(self) -> None:
        with self.assertRaisesRegex(TrainingError, r"\.png: expected classes 0 to 2 and 255, found \d+"):
            Catalogue.of(self.catalogue.photographs, 3)


def batch_targets(*pictures: Picture) -> Targets:
    labels, instances = (
        torch.from_numpy(np.stack([getattr(picture, name) for picture in pictures])) for name in ("labels", "instances"))
    return targets_of(labels, instances, PARSING)


class SeveralImages(unittest.TestCase):
    """A batch asks for what its images ask for by themselves."""

    def setUp(self) -> None:
        self.pictures = [Picture(*blank()) for _ in range(3)]
        self.pictures[1].labels[8:24, 8:24], self.pictures[1].instances[8:24, 8:24] = FACE, 7
        self.pictures[2].labels[:10, :9], self.pictures[2].instances[:10, :9] = LEFT_ARM, 1
        self.pictures[2].labels[20:, :3], self.pictures[2].instances[20:, :3] = RIGHT_ARM, 2

    def test_targets_are_those_of_each_image(self) -> None:
        batch, alone = batch_targets(*self.pictures), [batch_targets(picture) for picture in self.pictures]
        self.assertEqual(batch.counts, [1, 3, 3], "the second person of the last image is too small")
        self.assertEqual(batch.images.tolist(), [0, 1, 1, 1, 2, 2, 2])
        self.assertEqual(batch.positions.tolist(), [0, 0, 1, 2, 0, 1, 2])
        for name in ("classes", "masks", "kinds", "known", "parts"):
            together = torch.cat([getattr(targets, name) for targets in alone])
            torch.testing.assert_close(getattr(batch, name), together, rtol=0, atol=0, msg=name)
        self.assertEqual(batch.known[2, :, 5:, 0].unique().tolist(), [0.25], "a person too small to be asked for is unknown")

    def test_loss_is_that_of_each_image(self) -> None:
        """Images of as many targets each count alike in the terms of masks, so a batch's is the mean, but for the points
        that the matching draws."""
        pictures = self.pictures[1:]
        generator = torch.Generator().manual_seed(0)
        output = NetworkOutput(
            torch.randn(2, 2, 9, PERSON + 2, generator=generator), torch.randn(2, 2, 9, 4, generator=generator),
            torch.randn(2, 4, 8, 8, generator=generator))
        criterion = Criterion(4, PARSING, torch.ones(PARSING), costs=MatchingCosts(points=4096))
        _, together = criterion(output, batch_targets(*pictures), generator)
        alone = []
        for image, picture in enumerate(pictures):
            own = NetworkOutput(
                output.class_logits[:, image : image + 1], output.mask_embeddings[:, image : image + 1],
                output.mask_features[image : image + 1])
            alone.append(criterion(own, batch_targets(picture), generator)[1])
        for name in ("mask", "dice"):
            torch.testing.assert_close(together[name], (alone[0][name] + alone[1][name]) / 2, rtol=0.02, atol=0)


class Unknown(unittest.TestCase):
    def setUp(self) -> None:
        """The upper half of a sample is nobody, the left of the lower half a face, the right a person without parts."""
        image, labels, instances = blank()
        labels[16:, :16], labels[16:, 16:] = FACE, UNKNOWN
        instances[16:, :16], instances[16:, 16:] = 1, 2
        self.targets = batch_targets(Picture(image, labels, instances))

    def test_targets(self) -> None:
        self.assertEqual(self.targets.classes.tolist(), [0, FACE, PERSON, PERSON])
        self.assertEqual(self.targets.kinds.tolist(), [0, 1, 0, 0])
        self.assertEqual(self.targets.known[0].mean((1, 2)).tolist(), [1, 0.75])
        torch.testing.assert_close(self.targets.parts[0].sum(0), self.targets.known[0, 1])

    def test_unknown_blocks_have_no_gradient(self) -> None:
        known = self.targets.known[0, 1].expand(4, -1, -1)
        for loss in (mask_loss, dice_loss):
            logits = torch.randn(4, 8, 8, requires_grad=True)
            loss(logits, self.targets.masks, known).sum().backward()
            self.assertEqual(logits.grad[known == 0].abs().max(), 0)
        logits = torch.randn(1, PARSING, 8, 8, requires_grad=True)
        dense_loss(logits.log_softmax(1), self.targets.parts, torch.ones(PARSING)).backward()
        self.assertLess(logits.grad[0, :, self.targets.known[0, 1] == 0].abs().max(), 1e-7)

    def test_a_person_without_part_labels_does_not_teach_that_there_are_none(self) -> None:
        """Five queries: the four targets, and a face on the person without parts, or a person on the background."""
        masks = torch.cat([self.targets.masks, self.targets.masks[3:]])
        classes = [*self.targets.classes.tolist(), FACE]
        self.assertEqual(self.class_gradient(masks, classes), 0)
        masks[4], classes[4] = self.targets.masks[0], PERSON
        self.assertGreater(self.class_gradient(masks, classes), 0)

    def class_gradient(self, masks: torch.Tensor, classes: list[int]) -> float:
        """The largest gradient of the class logits of the last query, where every query is sure of mask and class."""
        sure = torch.nn.functional.one_hot(torch.tensor(classes), PERSON + 2) * 6.0
        logits = sure[None, None].requires_grad_()
        # Mask embeddings that pick one feature map each, features that are the masks.
        output = NetworkOutput(logits, torch.eye(len(classes))[None, None], (20 * masks - 10)[None])
        criterion = Criterion(len(classes), PARSING, torch.ones(PARSING))
        matching = match(output, self.targets, PERSON, MatchingCosts(), torch.Generator().manual_seed(0))
        self.assertEqual(sorted(matching.targets[0].tolist()), [0, 1, 2, 3])
        loss, _ = criterion(output, self.targets, torch.Generator().manual_seed(0))
        unmatched = (set(range(len(classes))) - set(matching.queries[0].tolist())).pop()
        criterion._class_loss(output, self.targets, matching).backward()
        self.assertTrue(loss.isfinite())
        return logits.grad[0, 0, unmatched].abs().max().item()


if __name__ == "__main__":
    DATA = Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
