# Two commands for a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PLUGINS := $(sort $(wildcard plugins/*/pyproject.toml))

.PHONY: demo test lint clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   set up, then run recon on an embedded demo lake"
	@echo "make test   set up, then run all tests"
	@echo "make lint   ruff, mypy --strict, import layers"

demo: $(VENV)/.installed
	$(BIN)/recon demo

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q -n $(or $(JOBS),auto) --dist loadfile --max-worker-restart 0

lint: $(VENV)/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "recon needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml $(PLUGINS)
	$(BIN)/python -m pip install --quiet --editable . $(patsubst %/pyproject.toml,--editable %,$(PLUGINS))
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group test
	touch $@

$(VENV)/.installed-lint: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --group lint
	touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis recon-demo
