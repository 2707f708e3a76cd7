# `make run` sets up and serves the application; `make test` sets up and runs the tests.
# Stamps in .venv/ let later calls skip finished steps.

NEEDED_MAKE := 3.81
ifneq ($(NEEDED_MAKE),$(firstword $(sort $(NEEDED_MAKE) $(MAKE_VERSION))))
$(error GNU make $(NEEDED_MAKE) or newer is needed; this is $(MAKE_VERSION))
endif

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
PROCESSES ?= 3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run setup start dev test test-long test-servers lint format bench measure lock upgrade clean

run: $(VENV)/run.stamp
	@$(BIN)/python manage.py setup
	@exec $(BIN)/python manage.py start --host $(HOST) --port $(PORT)

setup: $(VENV)/run.stamp
	@$(BIN)/python manage.py setup

start: $(VENV)/run.stamp
	@exec $(BIN)/python manage.py start --host $(HOST) --port $(PORT)

# For development: reloads on code changes, and shows tracebacks.
dev: export DEBUG := on
dev: $(VENV)/dev.stamp
	@$(BIN)/python manage.py setup
	@exec $(BIN)/python manage.py dev --host $(HOST) --port $(PORT)

# Processes take test files in the order set by tests/conftest.py.
SHARED := --numprocesses=$(PROCESSES) --dist=loadfile --no-loadscope-reorder

# Threads that wait for each other in one process slow down the others: without this, the engine's
# tests take 4.9 minutes of processor time instead of 2.9.
test test-servers test-long: export OMP_NUM_THREADS := 1

# Modules are compiled once, not by each of about a hundred processes: Django's start takes 1.1 s of
# processor time instead of 0.9.
test test-servers test-long: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest $(SHARED) $(ARGS)

# All tests whose subject depends on servers, on their own PostgreSQL and Redis.
test-servers: $(VENV)/dev.stamp
	$(BIN)/python -m tests.live.servers $(BIN)/python -m pytest $(SHARED) -m "not long and not once" $(ARGS)

# Backups and deployment: takes some minutes.
test-long: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m "long and not servers" $(ARGS)
	$(BIN)/python -m tests.live.servers $(BIN)/python -m pytest -m "long and servers" $(ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive config soundscapes manage.py
	$(BIN)/python .ci/prose
	$(BIN)/python .ci/audit
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

measure: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.structure

# After changing requirements*.txt.
lock: $(VENV)/dev.stamp
	$(BIN)/python .ci/lock

# Upgrades to the newest compatible versions and tests with them.
upgrade: $(VENV)/dev.stamp
	$(BIN)/python .ci/lock --upgrade
	$(MAKE) lint test

clean:
	rm -rf $(VENV)

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed ($$($(PYTHON) --version 2>&1)). Install it, or choose one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Modules are compiled when they are imported: most never are, and all together take 40 s.
$(VENV)/run.stamp $(VENV)/dev.stamp: export PIP_COMPILE := 0

$(VENV)/run.stamp: requirements.lock requirements-cuda.lock $(VENV)/python.stamp
	@echo "Installing the requirements (the first time takes a few minutes) …"
	@$(BIN)/python .ci/install requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@echo "Installing the test requirements …"
	@$(BIN)/python .ci/install requirements-dev.lock
	@touch $@
