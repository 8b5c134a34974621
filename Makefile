# Thin: every target is one or two commands that can be typed by hand. `make help` lists them.
# Options for the program go into ARGS: make serve ARGS="--port 8000"

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup dev serve test check format docs reference bench clean

help:  ## list what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

setup:
	@$(PYTHON) scripts/setup.py

dev:  ## set up .venv with the tools for tests
	@$(PYTHON) scripts/setup.py --dev

serve: setup  ## start the server on http://127.0.0.1:5000
	@exec $(BIN)/jianwei serve $(ARGS)

test: dev  ## run the tests, with coverage
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered $(ARGS)

check: dev  ## formatting, lint, types, layers, generated pages
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/docs.py --check

format: dev  ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: dev  ## write docs/cli.md and its siblings anew
	$(BIN)/python scripts/docs.py

# Needs torch and transformers, which nothing else does: an environment of its own, or REFERENCE_PYTHON.
REFERENCE_PYTHON ?= .tools/reference/bin/python
reference: dev  ## compute the reference outputs anew with transformers, and compare
	@test -x $(REFERENCE_PYTHON) || scripts/reference-environment
	$(REFERENCE_PYTHON) tests/reference/make_reference.py --check
	$(REFERENCE_PYTHON) tests/reference/preprocess/make_preprocess_reference.py --check

bench: setup  ## measure speed and memory on this machine
	$(BIN)/jianwei bench $(ARGS)

clean:  ## remove what was made here: .venv, .tools, caches
	rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov dist build
	find src tests training scripts -name __pycache__ -type d -prune -exec rm -rf {} +
