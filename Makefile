# One obvious command for each job. `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help run down status test check unit simulation integration browser pictures chromium bench-streams format lock clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/ready ## run the marketplace here, with its own MongoDB and a Stripe sandbox (Ctrl-C ends it)
	@$(BIN)/boxoffice up

down: $(VENV)/ready ## end the marketplace that runs here
	@$(BIN)/boxoffice down

status: $(VENV)/ready ## show what runs here
	@$(BIN)/boxoffice status

test: $(VENV)/ready chromium ## run all tests: unit, simulation, integration, browser
	$(PYTEST)

check: $(VENV)/ready ## ruff, the type checker and the import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/ready ## run the unit tests: seconds
	$(PYTEST) tests/unit

simulation: $(VENV)/ready ## run the seeded simulation (SEEDS=20000 for more)
	$(PYTEST) tests/simulation $(if $(SEEDS),--seeds $(SEEDS))

integration: $(VENV)/ready ## run the tests against real Ray, MongoDB and HTTP
	$(PYTEST) tests/integration tests/chaos

browser: $(VENV)/ready chromium ## run the tests in Chromium
	$(PYTEST) tests/browser

pictures: $(VENV)/ready chromium ## take the pictures of docs/web.md anew
	$(BIN)/python -m tests.browser.pictures

chromium:
	@tests/browser/get-chromium

bench-streams: $(VENV)/ready ## 1,000 open pages while orders go on: how late, at what cost
	$(PYTEST) tests/benchmarks/test_streams.py

format: $(VENV)/ready ## put the code into its standard form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## pin the dependencies anew, with hashes (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file requirements.lock --upgrade

clean: ## remove the virtual environment and caches; data in .boxoffice stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache *.egg-info

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Box Office needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute: Ray is large) ..."
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python cannot make virtual environments here. Try: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
