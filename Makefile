# Every task of the project. `make` alone lists them. Variables on the command line (make run PORT=4000,
# make test DATABASE_URL=postgresql://…) reach the programs as environment variables.

VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip
UV_VERSION := 0.13.9
WORKERS ?= 2
ARGS ?=
# The first Python that is new enough; PYTHON=… names another.
PYTHON ?= $(shell for it in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$it -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$it && break; done)

INSTALLED := $(VENV)/installed
MODULES := ui/node_modules/.installed
PAGES := src/rapport/ui/static/index.html
PAGE_SOURCES := $(wildcard ui/*.html ui/*.ts ui/*.json ui/src/*) $(shell find docs -name '*.md')

# Images for containers often forbid Python to keep its bytecode: programs would take twice as long to start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run test check bench ui sdk lock

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

install: $(INSTALLED) $(PAGES) ## Make .venv and the pages for browsers; does nothing when both are up to date

run: install ## Start the server with a demo workspace on http://127.0.0.1:3000 (PORT=4000 for another port)
	@exec $(BIN)/rapport serve --demo

test: install ## Run the tests (DATABASE_URL=… for your own PostgreSQL, ARGS='-k cursor' for some of them)
	$(BIN)/pytest --numprocesses $(WORKERS) $(ARGS)

check: install $(MODULES) ## Check style, types, the floors of the architecture and the documentation
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest --quiet tests/docs
	ui/npm run check
	ui/npm exec --no -- tsc --project ../sdk/js --noEmit

bench: install ## Measure requests against PostgreSQL's own limit (BENCH_SECONDS=10, BENCH_CASES=a,b)
	$(BIN)/python -m bench $(ARGS)

ui: $(PAGES) ## Build the pages for browsers

sdk: $(MODULES) ## Build the client for JavaScript in sdk/js/dist
	ui/npm exec --no -- tsc --project ../sdk/js

lock: $(INSTALLED) ## Write the lock files again after a change of dependencies (ARGS=--upgrade for newer versions)
	$(PIP) install --quiet uv==$(UV_VERSION)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		$(ARGS) --group dev --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		$(ARGS) --group node --output-file ui/node.lock
	ui/npm run lock

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
		echo "Rapport needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
		$(PYTHON) -m venv --clear $(VENV); \
	elif $(PYTHON) -m pip --python $(PYTHON) --version >/dev/null 2>&1; then \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && \
		PIP_USER=0 $(PYTHON) -m pip --python $@ install --quiet pip; \
	else \
		echo "$(PYTHON) can make no virtual environment: its module ensurepip is missing."; \
		echo "On Debian and Ubuntu: sudo apt install python3-venv. Then type the same command again."; exit 1; \
	fi || { rm -rf $(VENV); exit 1; }

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(MODULES): ui/package-lock.json ui/package.json ui/.npmrc | $(INSTALLED)
	ui/npm ci
	@touch $@

$(PAGES): $(PAGE_SOURCES) $(MODULES)
	ui/npm run build -- --logLevel warn
	@touch $@
