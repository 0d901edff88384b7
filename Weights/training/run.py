"""The loop: batches in, checkpoints out."""
from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from . import checkpoints
from .configuration import Configuration
from .criterion import Criterion, LossWeights
from .data.catalogue import Catalogue
from .data.composition import Composer, CompositionSettings
from .data.loader import Batch, SampleDataset, batches
from .data.sources import Photograph
from .distillation import Distillation, read_teacher
from .network import M2FP, normalize
from .optimization import OptimizerSettings, make_optimizer, set_learning_rate, update_average
from .state import RunState

log = logging.getLogger(__name__)

#: More steps than any run takes: runs that end by time have no other end.
NO_END = 1 << 40


@dataclass(frozen=True)
class RunSettings:
    """Everything about a run but its photographs and its network."""

    steps: int | None = 20_000
    minutes: float | None = None
    batch: int = 8
    seed: int = 0
    #: Processes that make samples; 0 for none.
    workers: int = 1
    #: Steps between checkpoints, and between lines of the log.
    save_every: int = 250
    log_every: int = 20
    #: bf16 for the network, fp32 for losses and weights; `None` where the processor is made for it.
    bf16: bool | None = None
    #: Whether all photographs are decoded before the run, for all workers together, rather than by each when it needs them.
    preload: bool = False
    #: Share of the weights that the run started from in what it exports (Wortsman et al., arXiv 2109.01903): a network that has seen
    #: a few photographs has forgotten others, which halfway back it has not.
    initial_share: float = 0
    #: DINOv2's weights, whose features the backbone shall predict; `None` for no such loss.
    teacher: Path | None = None
    #: Weight of that loss.
    distillation: float = 5
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    composition: CompositionSettings = field(default_factory=CompositionSettings)
    losses: LossWeights = field(default_factory=LossWeights)

    def identity(self, photographs: list[Photograph]) -> dict[str, Any]:
        """What decides which samples a run sees and what it computes from them."""
        names = "\n".join(f"{p.image.parent.name}/{p.image.name}" for p in photographs)
        values = asdict(self)
        for name in ("workers", "save_every", "log_every", "preload", "initial_share"):
            del values[name]
        values["teacher"] = self.teacher and self.teacher.name
        del values["composition"]["cache"]
        return values | {"photographs": hashlib.sha256(names.encode()).hexdigest()[:16]}


def supports_bf16(device: torch.device) -> bool:
    """Whether bf16 is faster than fp32: on GPUs that have it, and on CPUs with AVX512_BF16 or AMX."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    capabilities = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


class Run:
    """One training run in a folder: `last.pt` for going on, `log.jsonl`, and at the end the exported network."""

    def __init__(
        self, folder: Path, photographs: list[Photograph], network: M2FP, configuration: Configuration,
        settings: RunSettings, device: torch.device,
    ):
        self.folder, self.configuration, self.settings, self.device = folder, configuration, settings, device
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint = folder / "last.pt"
        self.identity = settings.identity(photographs)
        catalogue = Catalogue.of(photographs, configuration.num_parsing)
        log.info(
            "%d photographs, %d of them with instance maps; %d people to compose", len(photographs),
            len(catalogue.scenes), len(catalogue.portraits) + len(catalogue.passersby))
        composer = Composer(
            catalogue, configuration.pairs, configuration.garments, settings.composition, settings.seed)
        if settings.preload:
            composer.cache.preload(photographs)
        self.dataset = SampleDataset(composer)
        torch.manual_seed(settings.seed)
        if device.type == "cuda":
            torch.set_float32_matmul_precision("high")
            torch.backends.cudnn.benchmark = True
        criterion = Criterion(
            configuration.pixel_decoder.mask_dim, configuration.num_parsing,
            torch.from_numpy(catalogue.class_weights()), settings.losses)
        if settings.teacher:
            criterion.distillation = Distillation(
                read_teacher(settings.teacher).to(device), configuration.backbone.channels)
        network.to(device, memory_format=torch.channels_last)
        criterion.to(device)
        average = {name: value.clone() for name, value in network.state_dict().items()}
        self.initial = {name: value.clone() for name, value in average.items()} if settings.initial_share else {}
        optimizer = make_optimizer(network, criterion, settings.optimizer)
        self.state = RunState(network, criterion, optimizer, average)
        self.bf16 = supports_bf16(device) if settings.bf16 is None else settings.bf16

    def train(self) -> Path:
        """Goes on from the last checkpoint, if there is one, to the end; returns the exported checkpoint."""
        if self.checkpoint.is_file():
            self.state.load(self.checkpoint, self.identity)
            log.info("Goes on from step %d", self.state.step)
        settings, state = self.settings, self.state
        stream = batches(
            self.dataset, settings.batch, state.step, settings.steps or NO_END, settings.workers,
            pin_memory=self.device.type == "cuda")
        terms: dict[str, list[Tensor]] = {}
        while self._progress() < 1:
            start = time.monotonic()
            for name, value in self.step(next(stream)).items():
                terms.setdefault(name, []).append(value)
            state.seconds += time.monotonic() - start
            if state.step % settings.log_every == 0:
                self._log(terms)
                terms = {}
            if state.step % settings.save_every == 0:
                self._save()
        self._save()
        weights = state.average
        if settings.initial_share:
            weights = checkpoints.mix(weights, self.initial, settings.initial_share)
        return checkpoints.export(weights, self.configuration, self.folder / "exported")

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """One step of the optimizer; the loss and its terms, on the device: reading them waits for it."""
        state, settings = self.state, self.settings
        batch = batch.to(self.device)
        set_learning_rate(state.optimizer, settings.optimizer, state.step, self._progress())
        images = normalize(batch.images).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            output = state.network(images)
        generator = torch.Generator().manual_seed((settings.seed << 32) + state.step)
        loss, terms = state.criterion(output, batch.targets(self.configuration.num_parsing), generator)
        if distillation := state.criterion.distillation:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
                terms["distillation"] = distillation.loss(output.features, distillation.expected(images))
            loss = loss + settings.distillation * terms["distillation"]
        state.optimizer.zero_grad()
        loss.backward()
        parameters = [p for group in state.optimizer.param_groups for p in group["params"]]
        norm = torch.nn.utils.clip_grad_norm_(parameters, settings.optimizer.largest_gradient)
        state.optimizer.step()
        update_average(state.average, state.network, settings.optimizer.average, state.step)
        state.step += 1
        return {name: term.detach() for name, term in {"loss": loss, **terms, "gradient": norm}.items()}

    def _progress(self) -> float:
        """The share of the run that lies behind, by steps or by time, whichever is further."""
        shares = [0.0]
        if self.settings.steps:
            shares.append(self.state.step / self.settings.steps)
        if self.settings.minutes:
            shares.append(self.state.seconds / 60 / self.settings.minutes)
        return max(shares)

    def _log(self, terms: dict[str, list[Tensor]]) -> None:
        means = {name: torch.stack(values).mean().item() for name, values in terms.items()}
        rate = self.state.step * self.settings.batch / max(self.state.seconds, 1e-9)
        log.info(
            "step %d, %.0f s, %.2f samples/s: %s", self.state.step, self.state.seconds, rate,
            ", ".join(f"{name} {value:.3f}" for name, value in means.items()))
        with open(self.folder / "log.jsonl", "a") as file:
            file.write(json.dumps({"step": self.state.step, "seconds": self.state.seconds, **means}) + "\n")

    def _save(self) -> None:
        self.state.save(self.checkpoint, self.configuration, self.identity)
