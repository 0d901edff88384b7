# What people type. On a fresh Debian or Ubuntu with Swift 6.2 or later, `make run` is all it takes.

SWIFT ?= swift
# Added to every build: CI makes warnings errors here.
SWIFTFLAGS ?=
BUILD = $(SWIFT) build -c release $(SWIFTFLAGS)

# The system libraries, as pkg-config and as apt know them. The only list of them; Package.swift names each beside
# the module that wraps it, but for OpenBLAS, which programs load when they need it.
MODULES = libpng libjpeg libwebp libwebpdemux libtiff-4 libheif lcms2 OpenEXR openblas zlib libcrypto
PACKAGES = pkg-config libpng-dev libjpeg-dev libwebp-dev libtiff-dev libheif-dev liblcms2-dev libopenexr-dev \
  libopenblas-dev zlib1g-dev libssl-dev

SAMPLE ?= Docs/Samples/astronaut.png
OUT ?= out
PREFIX ?= /usr/local
# How the build's folders of resources end.
RESOURCES = $(if $(filter Darwin,$(shell uname -s)),bundle,resources)

.PHONY: run serve test build deps lint format install uninstall weights

## Parses the sample photograph with the starter weights into out/.
run: build
	.build/release/m2fp parse $(SAMPLE) -o $(OUT) --output labels,color,overlay,cutout,json
	@echo "The pictures are in $(OUT):" && ls $(OUT)

## Serves the page and the API at http://127.0.0.1:7860/ until Ctrl-C; flags in ARGUMENTS.
serve: build
	.build/release/m2fp serve $(ARGUMENTS)

## Runs all tests, in release: the network is too slow without the optimizer. No test imports a module as testable; if
## tests could, all modules would be compiled anew for them, and anew for the next `make build`.
test: deps
	$(SWIFT) test -c release $(SWIFTFLAGS) --disable-testable-imports

build: deps
	$(BUILD) --product m2fp

## Installs the system libraries that are missing; asks pkg-config first, so that it costs nothing once they are there.
deps:
	@pkg-config --exists $(MODULES) 2>/dev/null || $(MAKE) --no-print-directory install-packages

.PHONY: install-packages
install-packages: SUDO = $(if $(filter 0,$(shell id -u)),,sudo)
install-packages:
	@command -v apt-get >/dev/null || { echo "Please install the development files of: $(MODULES)" >&2; exit 1; }
	$(SUDO) apt-get update
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $(PACKAGES)
	pkg-config --exists --print-errors $(MODULES)

## Installs ffmpeg, which videos need and nothing else, if it is missing.
.PHONY: ffmpeg
ffmpeg: SUDO = $(if $(filter 0,$(shell id -u)),,sudo)
ffmpeg:
	@command -v ffmpeg >/dev/null || { $(SUDO) apt-get update && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ffmpeg; }

## Trains the weights that ship, from those that ship, on the photographs in DATA (Docs/Training.md), and converts and
## quantizes the result; files appear in WEIGHTS. Goes on where it was interrupted. Flags for training in ARGUMENTS,
## the file of DINOv2 in TEACHER, if there is one.
WEIGHTS ?= $(OUT)/weights
weights: build
	@test -d "$(DATA)" || { echo "make weights DATA=DIR: the folder with street, street-more, everyday and people" >&2; exit 1; }
	python=$$(Weights/training/environment .build/training-python) && export PYTHONPATH=Weights && \
	  $$python -m training label Weights/starter-fp16.safetensors --images "$(DATA)/everyday/images" \
	  --instances "$(DATA)/everyday/instances" -o "$(DATA)/everyday/labels-anew" && $$python -m training train \
	  --data Weights/training/recipes/starter.toml --root "$(DATA)" --init Weights/starter-fp16.safetensors \
	  --steps 3220 --batch 64 --side 352 --learning-rate 6e-4 --backbone-share 0.5 --average 0.998 --preload \
	  --workers $$(nproc) $(if $(TEACHER),--teacher "$(TEACHER)" --distillation 7) -o "$(WEIGHTS)" $(ARGUMENTS) && \
	  $$python -m training export "$(WEIGHTS)/last.pt" --averaged 0.5 -o "$(WEIGHTS)/exported"
	.build/release/m2fp convert "$(WEIGHTS)/exported/pytorch_model.pt" -o "$(WEIGHTS)/starter-fp16.safetensors" --precision fp16
	.build/release/m2fp quantize "$(WEIGHTS)/starter-fp16.safetensors" --images "$(DATA)/street/images" --limit 300 \
	  --keep encoder.layers.0.self_attn.value_proj -o "$(WEIGHTS)/starter-int8.safetensors"

SWIFT_SOURCES = Package.swift Sources Tests $(wildcard Benchmarks Weights)

## Says where the sources are not formatted as .swift-format has it.
lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES)

## Formats the sources in place.
format:
	$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

## Installs m2fp, its weights and the service's page below PREFIX. The program needs the Swift runtime that it was built with.
install: build
	install -d $(PREFIX)/lib/m2fp $(PREFIX)/bin
	install -m 755 .build/release/m2fp $(PREFIX)/lib/m2fp/m2fp
	rm -rf $(PREFIX)/lib/m2fp/*.$(RESOURCES)
	cp -R .build/release/HumanParsing_StarterWeights.$(RESOURCES) .build/release/HumanParsing_ParserService.$(RESOURCES) \
	  $(PREFIX)/lib/m2fp/
	ln -sf ../lib/m2fp/m2fp $(PREFIX)/bin/m2fp

uninstall:
	rm -rf $(PREFIX)/lib/m2fp
	rm -f $(PREFIX)/bin/m2fp
