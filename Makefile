# Two commands: `make demo` and `make test`. Both set up what they need, say what they install, and work offline afterwards.
SHELL  := /bin/bash -o pipefail
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.set-up

.PHONY: help setup demo season test check lint types imports bench torture wheel-test lock locale docs clean

help:           ## what there is
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

setup: $(STAMP) ## install what demo and test need (once)

$(STAMP): requirements.lock pyproject.toml .ci/setup
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh .ci/setup
	@touch $@

locale: $(STAMP) ## compile the translations
	@$(BIN)/python hatch_build.py

demo: locale    ## play the main job on SQLite and leave codes, labels, bundle and report in demo/
	@$(BIN)/tracelib demo --dir demo

test: locale    ## all tests
	@$(BIN)/pytest -q -n $${TRACELIB_TEST_WORKERS:-2} --dist loadfile -m "not slow"

check: lint types imports ## lint, types, imports

lint: $(STAMP)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports | tail -n 12

season: locale  ## play a season at the desk and leave everything in season/
	@rm -rf season
	@$(BIN)/python examples/season/play.py --dir season

bench: locale   ## the figures, side by side with what one would use instead; writes docs/performance.md
	@$(BIN)/python -m bench

torture: locale ## the long fault runs in full
	@$(BIN)/pytest -q -m slow

wheel-test: locale ## the last check runs on what we ship
	@sh .ci/wheel-test

docs: locale    ## write the parts of docs/ that come from the program (docs/errors.md)
	@$(BIN)/python docs/write_errors.py

lock:           ## pin all dependencies again (needs uv)
	uv pip compile pyproject.toml --extra all --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate -q -o requirements.lock

clean:          ## remove what was set up and what the demo left
	rm -rf $(VENV) demo season dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
