"""`python -m training COMMAND`."""
from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import replace
from pathlib import Path

import torch

from . import checkpoints, configuration, evaluation
from .benchmark import benchmark
from .data.sources import Source, photographs, read_sources
from .errors import TrainingError
from .pseudo_labels import Labeller, label_folder
from .run import Run, RunSettings


def main() -> int:
    arguments = parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        arguments.run(arguments)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="python -m training", description="Trains M2FP and exports what `m2fp convert` reads.")
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")

    train_ = commands.add_parser("train", help="train a network; goes on where the same command was interrupted")
    train_.add_argument(
        "--data", type=Path, action="append", required=True, metavar="PATH",
        help="folder with images, labels and perhaps instances, or a .toml file with sources; may be repeated")
    train_.add_argument("--root", type=Path, help="folder that the paths in .toml files are relative to")
    train_.add_argument("--init", type=Path, metavar="FILE", help="weights to start from; random if absent")
    _add_run_options(train_, RunSettings())
    train_.set_defaults(run=train)

    tune = commands.add_parser("finetune", help="adapt a network to footage of your own")
    tune.add_argument("--images", type=Path, required=True, help="folder of photographs")
    tune.add_argument("--labels", type=Path, required=True, help="folder of label maps: PNG, class indices, 255 unknown")
    tune.add_argument("--instances", type=Path, help="folder of maps of persons: PNG, 0 nobody, 1, 2, …, 255 unknown")
    tune.add_argument("--init", type=Path, required=True, metavar="FILE", help="weights to start from")
    _add_run_options(tune, fine_tuning())
    tune.set_defaults(run=finetune)

    export_ = commands.add_parser("export", help="write ModelScope's layout: pytorch_model.pt and configuration.json")
    export_.add_argument("checkpoint", type=Path, help="last.pt of a run, or any other file that --init takes")
    export_.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    export_.add_argument("--averaged", type=float, default=1.0, metavar="SHARE",
                         help="of a run: share of the averaged weights; the rest are those of its last step")
    export_.add_argument("--init", type=Path, metavar="FILE", help="weights that the run started from, to mix with its own")
    export_.add_argument("--initial-share", type=_share, default=0.5, metavar="SHARE",
                         help="with --init: share of its weights (default: %(default)s)")
    export_.set_defaults(run=export)

    label_ = commands.add_parser("label", help="write label maps of photographs that have none, as a network sees them")
    label_.add_argument("checkpoint", type=Path, help="any file that --init takes")
    label_.add_argument("--images", type=Path, required=True)
    label_.add_argument(
        "--instances", type=Path,
        help="maps of persons, whose outlines then count for more than the network; photographs without one are left out")
    label_.add_argument("--sure", type=float, default=0.6, metavar="P",
                        help="probability below which a pixel is unknown (default: %(default)s)")
    label_.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    label_.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder of label maps")
    label_.set_defaults(run=label)

    evaluate_ = commands.add_parser("evaluate", help="measure a checkpoint by `m2fp evaluate`")
    evaluate_.add_argument("checkpoint", type=Path)
    evaluate_.add_argument("--images", type=Path, required=True)
    evaluate_.add_argument("--labels", type=Path, required=True)
    evaluate_.add_argument("--instances", type=Path)
    evaluate_.add_argument("--json", action="store_true", help="print JSON")
    evaluate_.add_argument("--m2fp", help="the program; the release build if absent")
    evaluate_.set_defaults(run=evaluate)

    benchmark_ = commands.add_parser("benchmark", help="samples a second, beside a step in plain PyTorch")
    benchmark_.add_argument("--configuration", default="starter", metavar="NAME")
    benchmark_.add_argument("--batch", type=int, default=8)
    benchmark_.add_argument("--side", type=int, default=256)
    benchmark_.add_argument("--repetitions", type=int, default=5)
    benchmark_.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    benchmark_.add_argument("--threads", type=int)
    benchmark_.set_defaults(run=compare_speed)
    return root


def fine_tuning() -> RunSettings:
    """What suits a few photographs and a network that is good already: an hour, small steps, a short average,
    halfway back to the initial weights."""
    settings = RunSettings(steps=None, minutes=60, save_every=50, initial_share=0.5)
    return replace(settings, optimizer=replace(settings.optimizer, learning_rate=1e-4, warm_up=50, average=0.99))


def _add_run_options(command: argparse.ArgumentParser, defaults: RunSettings) -> None:
    optimizer, composition = defaults.optimizer, defaults.composition
    add = command.add_argument
    add("-o", "--output", type=Path, required=True, metavar="DIR", help="folder of the run")
    add("--configuration", metavar="NAME", help="starter, resnet101, or a configuration.json; that of --init if absent")
    add("--steps", type=int, default=defaults.steps, help="steps of the optimizer (default: %(default)s)")
    add("--minutes", type=float, default=defaults.minutes, help="time after which to end (default: %(default)s)")
    add("--batch", type=int, default=defaults.batch, help="samples a step (default: %(default)s)")
    add("--side", type=int, default=composition.side, help="width and height of a sample (default: %(default)s)")
    add("--learning-rate", type=float, default=optimizer.learning_rate, help="of the decoders (default: %(default)s)")
    add("--backbone-share", type=float, default=optimizer.backbone_share,
        help="learning rate of the backbone, as a share of the decoders' (default: %(default)s)")
    add("--warm-up", type=int, default=optimizer.warm_up, help="steps (default: %(default)s)")
    add("--average", type=float, default=optimizer.average,
        help="share of the averaged weights that remains after a step (default: %(default)s)")
    add("--initial-share", type=_share, default=defaults.initial_share, metavar="SHARE",
        help="share of the weights of --init in what is exported (default: %(default)s)")
    add("--seed", type=int, default=defaults.seed)
    add("--workers", type=int, default=defaults.workers, help="processes that make samples (default: %(default)s)")
    add("--cache", type=int, default=composition.cache >> 20, metavar="MIB",
        help="decoded photographs that each of them keeps (default: %(default)s)")
    add("--preload", action="store_true",
        help="decode all photographs before the run, for all of these processes together; takes memory, saves time")
    add("--teacher", type=Path, metavar="FILE",
        help="DINOv2, .safetensors or .onnx: let the backbone predict its features, too")
    add("--distillation", type=float, default=defaults.distillation, metavar="WEIGHT",
        help="weight of that loss (default: %(default)s)")
    add("--save-every", type=int, default=defaults.save_every, metavar="STEPS", help="(default: %(default)s)")
    add("--log-every", type=int, default=defaults.log_every, metavar="STEPS", help="(default: %(default)s)")
    add("--bf16", action=argparse.BooleanOptionalAction, help="compute in bf16; where the processor has it, if absent")
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="(default: %(default)s)")
    add("--threads", type=int, help="of PyTorch; all processors if absent")
    command.set_defaults(defaults=defaults)


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"expected a share from 0 to 1, found {text}")
    return share


def _settings(arguments: argparse.Namespace) -> RunSettings:
    defaults: RunSettings = arguments.defaults
    if arguments.side < 32 or arguments.side % 32:
        raise TrainingError(f"--side: expected a multiple of 32, found {arguments.side}")
    if not arguments.steps and not arguments.minutes:
        raise TrainingError("--steps: expected steps or --minutes, found neither")
    return replace(
        defaults, steps=arguments.steps, minutes=arguments.minutes, batch=arguments.batch, seed=arguments.seed,
        workers=arguments.workers, save_every=arguments.save_every, log_every=arguments.log_every, bf16=arguments.bf16,
        preload=arguments.preload, initial_share=arguments.initial_share, teacher=arguments.teacher,
        distillation=arguments.distillation,
        optimizer=replace(
            defaults.optimizer, learning_rate=arguments.learning_rate, backbone_share=arguments.backbone_share,
            warm_up=arguments.warm_up, average=arguments.average),
        composition=replace(defaults.composition, side=arguments.side, cache=arguments.cache << 20))


def train(arguments: argparse.Namespace) -> None:
    _run(arguments, read_sources(arguments.data, arguments.root))


def finetune(arguments: argparse.Namespace) -> None:
    _run(arguments, [Source(arguments.images, (arguments.labels,), arguments.instances)])


def _run(arguments: argparse.Namespace, sources: list[Source]) -> None:
    settings = _settings(arguments)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    wanted = configuration.preset(arguments.configuration) if arguments.configuration else None
    torch.manual_seed(settings.seed)
    network, found = checkpoints.initial_network(arguments.init, wanted)
    run = Run(arguments.output, photographs(sources), network, found, settings, torch.device(arguments.device))
    exported = run.train()
    print(f"{exported}: step {run.state.step}. Next: m2fp convert {exported} -o FILE.safetensors")


def export(arguments: argparse.Namespace) -> None:
    weights = checkpoints.read(arguments.checkpoint, arguments.averaged)
    if weights.configuration is None:
        raise TrainingError(f"{arguments.checkpoint}: expected a configuration.json beside it, found none")
    state = weights.state
    if arguments.init:
        initial, _ = checkpoints.initial_network(arguments.init, weights.configuration)
        state = checkpoints.mix(state, initial.state_dict(), arguments.initial_share)
    print(checkpoints.export(state, weights.configuration, arguments.output))


def label(arguments: argparse.Namespace) -> None:
    network, found = checkpoints.initial_network(arguments.checkpoint, None)
    device = torch.device(arguments.device)
    labeller = Labeller(network.to(device).eval(), found, device, arguments.sure)
    print(f"{arguments.output}: {label_folder(labeller, arguments.images, arguments.instances, arguments.output)} label maps")


def evaluate(arguments: argparse.Namespace) -> None:
    evaluation.evaluate(
        arguments.checkpoint, arguments.images, arguments.labels, arguments.instances,
        evaluation.program(arguments.m2fp), arguments.json)


def compare_speed(arguments: argparse.Namespace) -> None:
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    results = benchmark(
        configuration.preset(arguments.configuration), arguments.batch, arguments.side, arguments.repetitions,
        torch.device(arguments.device))
    for name, result in zip(("ours", "plain PyTorch"), results):
        print(
            f"{name}: {arguments.batch / result.seconds:.2f} samples/s, {result.seconds:.2f} s a step, "
            f"{result.processor_seconds:.2f} s of processors' time")
    ours, plain = results
    print(f"{plain.seconds / ours.seconds:.2f} times as fast, by processors' time "
          f"{plain.processor_seconds / ours.processor_seconds:.2f} times")


if __name__ == "__main__":
    sys.exit(main())
