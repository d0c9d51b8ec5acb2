# What one does with a checkout. Everything is installed into .venv here, nothing outside of it.
#   make demo    read the example article         make test    run the tests
#   make check   lint, types, gate and tests      make bench   speed, memory and accuracy

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED ?= ../shared
EXTRAS := dev,postgres,parquet,web,archive,s3,cluster
# Versions are those of requirements.lock, also for what builds the package.
export PIP_CONSTRAINT := $(CURDIR)/requirements.lock
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types docs gate bench accuracy train check lock wheel clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "make %-10s %s\n", $$1, $$2 }'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Sayso needs Python 3.11 or later; name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.user: $(BIN)/python pyproject.toml requirements.lock
	@echo "installing Sayso into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.developer: $(BIN)/python pyproject.toml requirements.lock
	@echo "installing Sayso and what its tests need into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --editable ".[$(EXTRAS)]"
	@touch $(VENV)/.user $@

demo: $(VENV)/.user  ## read the example article, in the terminal and as a page
	@$(BIN)/sayso read examples/dam-treaty.txt --format table
	@$(BIN)/sayso read examples/dam-treaty.txt examples/tram-line.html --out demo.html
	@echo
	@echo "The same and a second article as a page: $(CURDIR)/demo.html"

test: $(VENV)/.developer  ## run the tests
	$(BIN)/python -m pytest

lint: $(VENV)/.developer  ## look for mistakes and untidy code
	$(BIN)/ruff check src tests benchmarks training docs

format: $(VENV)/.developer  ## tidy what can be tidied by itself
	$(BIN)/ruff check --fix src tests benchmarks training docs
	$(BIN)/ruff format src tests benchmarks

types: $(VENV)/.developer  ## check the types
	$(BIN)/mypy

docs: $(VENV)/.developer  ## write docs/commands.md out of the program's own help
	$(BIN)/python docs/write_commands.py

gate: $(VENV)/.developer  ## recompute the accuracy figures and compare them with their floors
	$(BIN)/python benchmarks/gate.py --shared $(SHARED)

check: lint types gate test  ## all of these

bench: $(VENV)/.developer  ## measure speed, memory and size, then accuracy
	$(BIN)/python benchmarks/speed.py --install
	$(BIN)/python benchmarks/accuracy.py --shared $(SHARED)

accuracy: $(VENV)/.developer  ## measure accuracy alone
	$(BIN)/python benchmarks/accuracy.py --shared $(SHARED)

train: $(VENV)/.developer  ## make the weights anew from SHARED (an hour or more; see training/README.md)
	$(BIN)/python -m pip install --quiet --editable ".[train]"
	training/recipe.sh $(BIN)/python $(SHARED)

wheel: $(VENV)/.developer  ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

lock:  ## write requirements.lock anew with the newest versions that pyproject.toml allows
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@PIP_CONSTRAINT= build/lock/bin/python -m pip install --quiet ".[$(EXTRAS)]"
	@{ sed -n '/^#/p' requirements.lock; \
	   build/lock/bin/python -m pip freeze --exclude sayso | grep -v ' @ ' | LC_ALL=C sort -f; } > requirements.lock.new
	@mv requirements.lock.new requirements.lock && rm -rf build/lock

clean:  ## remove what the targets above made
	rm -rf $(VENV) build dist demo.html .pytest_cache .mypy_cache .ruff_cache .hypothesis
