.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
PROJECTS := pyproject.toml $(wildcard plugins/*/pyproject.toml)

.PHONY: help install demo test soak test-wheels fuzz bench results check lint types imports shape audit dist format docs reference clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(READY): requirements.txt constraints.txt $(PROJECTS) xner/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "xner needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements.txt
	@touch $@

install: $(READY)  ## Make .venv with the engine, all plugins and the developers' tools

demo: $(READY)  ## Train MTMT on the generated corpus, English to German
	$(BIN)/xner train --method mtmt --src en --tgt de

test: $(READY)  ## Run all tests (XNER_TEST_DATA=FOLDER adds those on real text)
	$(BIN)/python -m pytest -n auto --dist loadfile

soak: $(READY)  ## Ask a server and train for long, end commands by signals, kill a comparison, crash at every call; hours (ARGS="--only prune --every 10")
	XNER_SOAK=1 $(BIN)/python -m pytest tests/endurance tests/cli/test_ended.py
	$(BIN)/python -m tests.crashes --kills 30
	$(BIN)/python -m tests.crashes $(ARGS)

test-wheels: dist  ## Run all tests on the built wheels, with the sources out of the way
	$(BIN)/python tools/wheels.py dist

fuzz: $(READY)  ## Feed readers, settings and the embedded encoder's parser with bad bytes, SECONDS=60 each (ONLY="read.conll q4": only these)
	$(BIN)/python -m tests.fuzz $(ONLY) --seconds $(or $(SECONDS),60)

bench: $(READY)  ## Measure speed on real text, which takes long (XNER_TEST_DATA=FOLDER; ROWS="teacher startup": only these)
	$(BIN)/python -m tests.benchmarks $(ROWS)

spaced = $(subst $(comma), ,$(1))
comma := ,

results: $(READY)  ## Run what docs/results.md lacks, which takes hours (XNER_TEST_DATA=FOLDER; METHODS="tsl mtmt" TARGETS="pt zh" SEEDS=0,1: only these)
	$(BIN)/python examples/uner/results.py --fill --records examples/uner/records $(if $(METHODS),--rows $(call spaced,$(METHODS))) \
	  $(if $(TARGETS),--targets $(call spaced,$(TARGETS))) $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

check: $(READY)  ## Lint, formatting, types, imports, dependencies, shape, security, and whether all can be published; two at a time
	@$(MAKE) --no-print-directory -j2 types lint imports shape audit dist

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry xner
	for plugin in plugins/*/ $(dir $(wildcard examples/*/pyproject.toml)); do (cd $$plugin && $(abspath $(BIN))/deptry src) || exit 1; done

shape: $(READY)  ## Measure files, functions, packages and imports; what is over its limit fails
	$(BIN)/python tools/shape.py

audit: $(READY)  ## Look for insecure code, and for known vulnerabilities of the pinned libraries where an index is reachable
	$(BIN)/bandit -q -ll -r xner tools plugins/*/src
	$(BIN)/python tools/audit.py

dist: $(READY)  ## Build wheels and sdists of all distributions into dist/
	rm -rf dist
	for project in $(dir $(PROJECTS)); do $(BIN)/python -m build --quiet --no-isolation --outdir dist $$project || exit 1; done
	$(BIN)/twine check --strict dist/*

format: $(READY)  ## Format the code and correct what the linter can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(READY)  ## Build the site of docs/ into site/, with the demo's page if there is one; broken links are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

reference: $(READY)  ## Write docs/reference/ anew from the code
	$(BIN)/python tools/reference.py

clean:  ## Remove .venv and caches; run folders stay
	rm -rf $(VENV) site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
