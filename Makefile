# make demo: a company to look at, on http://127.0.0.1:8000.   make test: everything that is checked.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
WORKERS ?= 2

.PHONY: demo test check bench truth fuzz format docs lock tools clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    start with a simulated company on http://127.0.0.1:8000"
	@echo "make test    lint, types and every test, on SQLite and PostgreSQL"
	@echo "make check   the fast part of it, in seconds"
	@echo "make bench   the benchmarks, each beside its limit"
	@echo "make fuzz    a minute of broken mail, at random"
	@echo "make truth   what is found in simulated companies, beside what is true"

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

.venv/program: .venv/made pyproject.toml constraints.txt
	@echo "Installing Beforehand into .venv …"
	@$(INSTALL) --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/tests: .venv/made pyproject.toml constraints.txt
	@echo "Installing Beforehand and what its tests need into .venv …"
	@$(INSTALL) --editable '.[test]'
	@$(BIN)/python -m compileall -q src
	@touch $@ .venv/program

demo: .venv/program
	@$(BIN)/beforehand --data demo-data demo

tools:
	@sh tests/tools.sh

check: .venv/tests
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/mypy
	$(BIN)/beforehand --data .venv/check django makemigrations --check --dry-run
	$(BIN)/pytest tests/test_architecture.py tests/test_docs.py src/beforehand/lib

test: .venv/tests tools check
	$(BIN)/pytest -n $(WORKERS) -m "not browser" --durations=15
	$(BIN)/pytest -m browser
	$(BIN)/python tests/with_postgres.py $(BIN)/pytest -n $(WORKERS) -m "database and not browser"

bench: .venv/tests
	$(BIN)/python -m bench

truth: .venv/tests
	$(BIN)/python -m truth

fuzz: .venv/tests
	$(BIN)/python -m tests.fuzz_mail --seconds 60

docs: .venv/tests
	$(BIN)/python -m tests.write_docs

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Versions only: no addresses, no hashes, nothing of the machine that made it.
lock:
	rm -rf .venv/lock && $(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet --upgrade '.[test]'
	.venv/lock/bin/pip freeze --exclude beforehand | grep -v ' @ ' > constraints.txt && rm -rf .venv/lock

clean:
	rm -rf .venv demo-data build .pytest_cache .mypy_cache .ruff_cache .hypothesis
