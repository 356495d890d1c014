# Everything one does with the project. `make` alone lists it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo generate test check mutants conformance format bench dist dist-check lock clean

# The Python that .venv is made with: 3.11 or newer, the first of these that is there.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
RUN := .venv/bin/python

# How many cases Hypothesis draws, and which: `make test PROFILE=nightly` prints what repeats a run.
PROFILE ?= default
SEED := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))

# What setup left in .venv; each is made again when what it was made from is newer.
LOCKED := .venv/.made-from-lock
INSTALLED := .venv/.installed
FIXTURE := .fixture/openapi.yaml

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## */\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

setup: $(INSTALLED)  ## install everything from dev.lock into .venv (the other targets do it when needed)

$(LOCKED): dev.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python" >&2; exit 2; }
	@$(PYTHON) -m venv --clear .venv || { echo "$(PYTHON) has no venv module: on Debian, install python3-venv" >&2; exit 2; }
	@echo "Installing from dev.lock into .venv; this is done once, and takes a minute."
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r dev.lock
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The client of the tests' own contract, which pytest, mypy and pyright need.
$(FIXTURE): $(INSTALLED) tests/support/make_fixture.py $(wildcard tests/support/fixture/* overrides/templates/* openapi/contract/*.py)
	@$(RUN) tests/support/make_fixture.py
	@touch $@

demo: generate  ## the whole way once: contract, client, mock, a run cancelled, a call refused
	@$(RUN) tests/demo.py

generate: $(INSTALLED)  ## make generated/ from openapi/playbook.yaml and overrides/
	@$(RUN) -m contract generate

test: $(FIXTURE)  ## run the whole suite (PROFILE=nightly: with random cases, and many)
ifeq ($(PROFILE),nightly)
	@echo "make test PROFILE=nightly SEED=$(SEED)"
	@$(RUN) -m pytest -n auto --dist worksteal --hypothesis-profile=nightly --hypothesis-seed=$(SEED) $(TESTS)
else
	@$(RUN) -m pytest -n auto --dist worksteal --hypothesis-profile=$(PROFILE) $(TESTS)
endif

mutants: $(FIXTURE)  ## plant deliberate bugs, and see the suite fail on each
	@$(RUN) -m mutants

conformance: $(INSTALLED)  ## test a server against the contract: make conformance BASE_URL=… (DRY_RUN=1 only tells)
	@$(RUN) -m conformance

check: $(FIXTURE)  ## formatting, lint, strict types, who imports whom, and whether generated/ is fresh
	@.venv/bin/ruff format --check --quiet . || { echo "make format mends the formatting" >&2; exit 1; }
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy
	@.venv/bin/pyright --warnings
	@.venv/bin/lint-imports --no-cache
	@$(RUN) -m contract generate --check

format: $(INSTALLED)  ## format the hand-written code, and mend what lint can mend
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format --quiet .

bench: $(INSTALLED)  ## measure what has a bound, mostly on its time, as ratios
	@failed=0; for one in generate client cases; do \
		$(RUN) tests/benchmarks/$$one.py || failed=1; done; exit $$failed

dist: $(INSTALLED)  ## build dist/*.whl and the source distribution
	@rm -rf dist
	@$(RUN) -m hatchling build

dist-check: dist  ## install the wheel into empty environments and use it there (needs a package index)
	@$(RUN) tests/prove_wheel.py dist/*.whl

lock: $(INSTALLED)  ## write dev.lock anew from pyproject.toml (needs a package index)
	@.venv/bin/uv pip compile pyproject.toml --group dev --extra mock --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --quiet --upgrade --output-file dev.lock

clean:  ## remove what the targets made, .venv included
	@rm -rf .venv .fixture dist reports .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis
