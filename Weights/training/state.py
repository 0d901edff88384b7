"""A run's own checkpoint: everything that the next step depends on, in one file that is whole at any moment."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .checkpoints import TRAINING_FORMAT, State, load_pickled
from .configuration import Configuration
from .criterion import Criterion
from .errors import TrainingError
from .files import write_with
from .network import M2FP

VERSION = 1


@dataclass
class RunState:
    """The state of a run between two steps.

    Samples and the points of the criterion are functions of the seed and of the step, so no state of a random generator
    needs to be kept: a run that goes on from here computes the same bits as one that was never interrupted.
    """

    network: M2FP
    criterion: Criterion
    optimizer: torch.optim.Optimizer
    #: The moving average of the network's weights, which is what is exported.
    average: State
    #: Steps done.
    step: int = 0
    #: Time that they took.
    seconds: float = 0

    def save(self, path: Path, configuration: Configuration, identity: dict[str, Any]) -> None:
        contents = dict(
            format=TRAINING_FORMAT, version=VERSION, configuration=configuration.document, identity=identity,
            network=self.network.state_dict(), criterion=self.criterion.state_dict(), average=self.average,
            optimizer=self.optimizer.state_dict(), step=self.step, seconds=self.seconds)
        write_with(path, lambda file: torch.save(contents, file))

    def load(self, path: Path, identity: dict[str, Any]) -> None:
        """Goes on from a file that `save` wrote, if that run had the same settings and photographs.

        `identity` is whatever decides what the steps compute.
        """
        contents = load_pickled(path)
        if contents.get("format") != TRAINING_FORMAT or contents.get("version") != VERSION:
            raise TrainingError(f"{path}: expected a checkpoint of a run, version {VERSION}, found another file")
        for key, value in identity.items():
            found = contents["identity"].get(key)
            if found != value:
                raise TrainingError(
                    f"{path}: expected a run with {key} {value}, found {found}; another run needs another folder")
        try:
            self.network.load_state_dict(contents["network"])
        except RuntimeError as error:
            raise TrainingError(
                f"{path}: expected a run of the same network, found another; another run needs another folder") from error
        self.criterion.load_state_dict(contents["criterion"])
        self.optimizer.load_state_dict(contents["optimizer"])
        for name, value in contents["average"].items():
            self.average[name].copy_(value)
        self.step, self.seconds = contents["step"], contents["seconds"]
