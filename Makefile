# A thin front to Meson: the short names for what people do most.
#
#   make demo     install what is missing, build, render a real MIDI file and a track
#   make test     every suite; ends with N passed, N failed, N skipped
#   make bench    measure against other synthesizers, write bench/RESULTS.md
#   make fuzz     every fuzzer for FUZZ_SECONDS (60) each
#   make format   lay out the C files
#   make docs     make the generated pages, check all links
#   make install  PREFIX=/usr/local DESTDIR=
BUILD ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
PYTHON ?= python3
DEMO_MIDI = examples/debussy-jardins.mid

.PHONY: all deps demo test bench fuzz format docs install clean

all: deps $(BUILD)/build.ninja
	@ninja -C $(BUILD)

deps:
	@tools/deps.sh build

$(BUILD)/build.ninja:
	@tools/deps.sh build
	meson setup $(BUILD) --buildtype=release -Dtests=false

demo:
	@tools/deps.sh demo
	@$(MAKE) --no-print-directory all
	@mkdir -p demo
	@tools/demo.sh $(BUILD)/cli/plainsong $(DEMO_MIDI) demo

test:
	@tools/deps.sh test
	@$(PYTHON) tools/run_tests.py

bench:
	@tools/deps.sh bench
	@$(PYTHON) bench/run.py

fuzz:
	@tools/deps.sh test
	@$(PYTHON) tools/run_fuzzers.py --seconds $(FUZZ_SECONDS)

format:
	@git ls-files --cached --others --exclude-standard '*.c' '*.h' '*.cpp' | xargs clang-format -i

docs: all
	@$(PYTHON) tools/make_docs.py $(BUILD)/cli/plainsong
	@$(PYTHON) tools/make_python_effects.py $(BUILD)/cli/plainsong
	@$(PYTHON) tools/check_docs.py

install: all
	@meson configure $(BUILD) --prefix=$(PREFIX)
	@ninja -C $(BUILD)
	meson install -C $(BUILD) --no-rebuild $(if $(DESTDIR),--destdir $(DESTDIR))

clean:
	rm -rf build build-gcc build-clang build-asan build-tsan build-fuzz build-python build-python-venv demo
