# Commands; `make` alone lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: demo test conformance dist refresh lint generate changes check setup format mutants contracts fuzz bench second-opinion test-httpx2 test-lowest test-newest lock clean help

# The Python that .venv is made with: 3.11 or newer, the first of these that is there.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
RUN := .venv/bin/python

# How many cases Hypothesis draws. `make test PROFILE=nightly` prints the seed that repeats a run.
PROFILE ?= default

# What the installation leaves; each is made again when its source is newer.
LOCKED := .venv/.made-from-lock
INSTALLED := .venv/.installed
FIXTURE := .fixture/openapi.yaml

$(LOCKED): dev.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or run \`make PYTHON=/path/to/python\`" >&2; exit 2; }
	@$(PYTHON) -m venv --clear .venv || { echo "$(PYTHON) has no venv module: on Debian, install python3-venv" >&2; exit 2; }
	@echo "Installing from dev.lock into .venv; this happens once, and takes a minute."
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r dev.lock
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The client of the tests' own contract, which pytest, mypy and pyright need.
$(FIXTURE): $(INSTALLED) tests/support/make_fixture.py $(wildcard tests/support/fixture/* overrides/templates/* overrides/templates/*/* openapi/contract/*.py)
	@$(RUN) tests/support/make_fixture.py
	@touch $@

# The client's tests in an environment with nothing else. Left out: tests of types and of generated code, whose tools
# pyproject.toml pins.
define TEST_CLIENT
@.venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv/$(RESOLUTION)
@.venv/bin/uv pip install --quiet --python .venv/$(RESOLUTION) --resolution $(RESOLUTION) --extra mock --extra httpx2 -r pyproject.toml
@.venv/bin/uv pip install --quiet --python .venv/$(RESOLUTION) --constraint dev.lock hypothesis pytest pytest-timeout pytest-xdist
@PYTHONPATH=tests:openapi:overrides:generated .venv/$(RESOLUTION)/bin/python -m pytest -n auto \
	$(addprefix --ignore=tests/sdk/test_,missing_server.py reserved_names.py typing.py) tests/sdk
endef

# Of the client's tests, those that no client of httpx2 can change: own connections, types, generated code.
define WITHOUT_FAMILY
docstrings.py environment.py fan_out.py http_families.py missing_server.py own_connections.py public_names.py \
reserved_names.py token_cache.py typing.py
endef

# Variables as options of a command: BASE_URL=… is --base-url=…, DRY_RUN=1 is --dry-run.
option_name = --$(shell echo $(1) | tr A-Z_ a-z-)
options = $(foreach name,$(1),$(if $($(name)),$(call option_name,$(name))="$$$(name)"))
flags = $(foreach name,$(1),$(if $(filter-out 0 1,$($(name))),$(error $(name) must be 1 or 0))$(if $(filter 1,$($(name))),$(call option_name,$(name))))
# Ids of something that exists are really sent, so they are never taken from the environment: each other variable that is
# given to make itself is one. A misspelt variable is then rejected.
KNOWN := BASE_URL EXAMPLES RATE MAX_TIME SEED MOCK DRY_RUN UNSAFE WRONG_METHODS ARGS PYTHON
IDS = $(foreach name,$(filter-out $(KNOWN),$(.VARIABLES)),$(if $(filter command,$(origin $(name))),--id "$(name)=$$$(name)"))

##@ For users

demo: generate  ## the whole way once: contract, client, mock, a cancelled run, a rejected call
	@$(RUN) tests/demo.py

test: SHELL := bash
test: SEED := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))
test: $(FIXTURE)  ## run the whole suite, or TESTS=… (PROFILE=nightly: many random cases)
	@$(if $(filter nightly,$(PROFILE)),echo "make test PROFILE=nightly SEED=$(SEED)",:)
	@TIMEFORMAT='Processor time: %U s user, %S s system'; time $(RUN) -m pytest -n auto --dist worksteal \
		--hypothesis-profile=$(PROFILE) $(if $(filter nightly,$(PROFILE)),--hypothesis-seed=$(SEED)) $(TESTS)

conformance: $(INSTALLED)  ## test a server against the contract: BASE_URL=… or MOCK=1 (DRY_RUN=1 prints the plan)
	@$(RUN) -m playbook3d_conformance $(call options,BASE_URL EXAMPLES RATE MAX_TIME SEED) \
		$(call flags,MOCK DRY_RUN UNSAFE WRONG_METHODS) $(IDS) $(ARGS)

dist: $(INSTALLED)  ## build wheel and source distribution, and use the wheel in clean environments (needs a package index)
	@rm -rf dist
	@$(RUN) -m hatchling build
	@$(RUN) -m distribution

##@ For maintainers, when the API changes

refresh: $(INSTALLED)  ## write openapi/ from the documentation: FROM=… (KEEP=1: vanished pages, CHECK=1: only compare)
	@set -- $$FROM; test ! -e "$$FROM" || set -- "$$FROM"; \
		$(RUN) -m contract refresh $(if $(FROM),--from "$$@") $(if $(KEEP),--keep) $(if $(CHECK),--check)

lint: $(INSTALLED)  ## find what would mislead users, and is not in the overlay yet (ARGS=--suggest: overlay actions)
	@$(RUN) -m contract lint $(ARGS)

generate: $(INSTALLED)  ## write generated/ from openapi/playbook.yaml and overrides/
	@$(RUN) -m contract generate

changes: $(INSTALLED)  ## say what a changed contract means for callers (BASE=git-ref, CHANGELOG=1: write the entry)
	@$(RUN) -m contract changes $(if $(BASE),--base $(BASE)) $(if $(CHANGELOG),--changelog)

check: $(FIXTURE)  ## check formatting, lint, strict types, import rules, and whether generated/ is fresh
	@.venv/bin/ruff format --check --quiet . || { echo "make format fixes the formatting" >&2; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/pyright --warnings
	@.venv/bin/lint-imports --no-cache
	@$(RUN) -m contract generate --check

##@ For contributors

setup: $(INSTALLED)  ## install everything from dev.lock into .venv (other targets do it when needed)

format: $(INSTALLED)  ## format the hand-written code, and fix what lint can fix
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format --quiet .

mutants: $(FIXTURE)  ## plant deliberate bugs, and check that the tests fail on each (PART=2/3: a part)
	@$(RUN) -m mutants $(PART)

contracts: $(FIXTURE)  ## take each contract of a folder the whole way, without an overlay: DOCS=folder
	@$(RUN) tests/check_contracts.py $(DOCS)

fuzz: $(INSTALLED)  ## send mutated requests to the mock of a contract: CONTRACT=file
	@$(RUN) tests/fuzz_mock.py $(CONTRACT)

bench: $(INSTALLED)  ## measure every figure that the README names, in one table (ROWS="blocking mock": a part)
	@$(RUN) -m benchmarks $(ROWS)

second-opinion: $(FIXTURE)  ## compare the mock with Prism, for the client's calls and invalid requests (needs npm)
	@$(RUN) -m second_opinion

test-httpx2: $(FIXTURE)  ## test the client, and the mock's transport, with clients of httpx2
	@HTTP_FAMILY=httpx2 $(RUN) -m pytest -n auto --dist worksteal \
		$(addprefix --ignore=tests/sdk/test_,$(WITHOUT_FAMILY)) tests/sdk \
		$(addprefix tests/mock/test_,delays.py transports.py wire_faults.py)

test-lowest: RESOLUTION := lowest-direct
test-lowest: $(FIXTURE)  ## test the client with the lowest versions that pyproject.toml allows (needs a package index)
	$(TEST_CLIENT)

test-newest: RESOLUTION := highest
test-newest: $(FIXTURE)  ## test the client with the newest versions that pyproject.toml allows (needs a package index)
	$(TEST_CLIENT)

lock: $(INSTALLED)  ## pin the newest dependencies that pyproject.toml allows (needs a package index)
	@.venv/bin/uv pip compile pyproject.toml --group dev --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet --upgrade --output-file dev.lock

clean:  ## remove what the targets made, .venv included
	@rm -rf .venv .fixture .prism dist reports .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis

help:  ## list the targets
	@awk -F ':.*## ' '/^##@/ { print "\n" substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
