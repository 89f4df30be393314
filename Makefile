.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
PROJECTS := pyproject.toml $(wildcard plugins/*/pyproject.toml)

.PHONY: help install demo test bench results check format clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(READY): requirements.txt constraints.txt $(PROJECTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "xner needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements.txt
	@touch $@

install: $(READY)  ## Make .venv with the engine, all plugins and the developers' tools

demo: $(READY)  ## Train MTMT on the generated corpus, English to German
	$(BIN)/xner train --method mtmt --src en --tgt de

test: $(READY)  ## Run all tests (XNER_TEST_DATA=FOLDER adds those on real text)
	$(BIN)/python -m pytest

bench: $(READY)  ## Measure speed on real text, which takes long (XNER_TEST_DATA=FOLDER; ROWS="teacher startup": only these)
	$(BIN)/python -m tests.benchmarks $(ROWS)

results: $(READY)  ## Compare the methods on real text, which takes hours (XNER_TEST_DATA=FOLDER; ARGS="--seeds 1": see examples/uner)
	$(BIN)/python examples/uner/results.py $(ARGS)

check: $(READY)  ## Lint, formatting, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(READY)  ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## Remove .venv and caches; run folders stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
