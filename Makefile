PYTHON ?= python3
BIN := .venv/bin
# The stamp is newer than what it was made from, so set-up happens once and again after a change.
STAMP := .venv/.complete

SUDO := $(shell test "$$(id -u)" = 0 || echo sudo)

.PHONY: setup demo test check browser

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[offline,export,curves,dev]'
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/tasksmith run examples/parcels/task.md \
		--examples examples/parcels/examples.jsonl \
		--test examples/parcels/test.jsonl \
		--datasets examples/catalogue

test: $(STAMP)
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# For the tests of the page, on Debian and its kin; without it they are skipped.
browser:
	command -v chromium >/dev/null || \
		($(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq chromium)
