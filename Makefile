# One obvious command for each job. `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help run down status test check unit simulation integration browser pure-tests real-tests pictures chromium wrk bench bench-long bench-streams locust format lock clean

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(VENV)/ready ## run the marketplace here, with its own MongoDB and a Stripe sandbox (Ctrl-C ends it)
	@$(BIN)/boxoffice up

down: $(VENV)/ready ## end the marketplace that runs here
	@$(BIN)/boxoffice down

status: $(VENV)/ready ## show what runs here
	@$(BIN)/boxoffice status

test: $(VENV)/ready chromium ## run all tests: unit, simulation, integration, browser
	@$(MAKE) --no-print-directory -j2 pure-tests real-tests

# What needs nothing but a processor takes what the others leave: they wait for clocks and processes most of the time.
pure-tests:
	nice -n 19 $(PYTEST) -q tests/unit tests/simulation

# The chaos tests, some of which measure time, come when the offices of the others have ended.
real-tests:
	$(PYTEST) tests/integration tests/browser
	$(PYTEST) tests/chaos

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
	$(PYTEST) tests/integration
	$(PYTEST) tests/chaos

browser: $(VENV)/ready chromium ## run the tests in Chromium
	$(PYTEST) tests/browser

pictures: $(VENV)/ready chromium ## take the pictures of docs/web.md and the README anew
	$(BIN)/python -m tests.browser.pictures

chromium:
	@tests/browser/get-chromium

wrk:
	@tests/benchmarks/get-wrk

bench: $(VENV)/ready wrk ## measure ours beside what a good engineer would write instead: ten minutes (ARGS=--quick for one)
	@mkdir -p build
	@$(BIN)/python -m tests.benchmarks.speed --json build/bench.json --plot build/bench.svg $(ARGS)

bench-long: $(VENV)/ready wrk ## memory, expiries, restarts, a million tickets, a soak: half an hour (ARGS="--only soak")
	@mkdir -p build
	@$(BIN)/python -m tests.benchmarks.long --json build/bench-long.json --plot build/soak.svg $(ARGS)

bench-streams: $(VENV)/ready ## 1,000 open pages while orders go on: how late, at what cost
	$(PYTEST) tests/benchmarks/test_streams.py

locust: $(VENV)/locust/ready ## flash sales in Locust's web UI (LOCUST="--headless -u 300 -r 50 -t 1m" for none)
	@PYTHONPATH=$(VENV)/locust $(BIN)/python -m locust -f cluster/sale/locustfile.py --web-host 127.0.0.1 $(LOCUST)

format: $(VENV)/ready ## put the code into its standard form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## pin the dependencies anew, with hashes (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file requirements.lock --upgrade
	uv pip compile --group locust --constraints requirements.lock --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file requirements-locust.lock --upgrade

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

# In a folder of its own, which only `make locust` looks into: the tests never meet it.
$(VENV)/locust/ready: requirements-locust.lock | $(VENV)/ready
	@echo "Getting Locust (once) ..."
	@rm -rf $(VENV)/locust
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --target $(VENV)/locust \
	  -r requirements-locust.lock
	@touch $@
