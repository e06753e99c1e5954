# Every target bootstraps the virtual environment it needs. `make demo` and `make test` work on a fresh machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Where this version of torch exists as a CPU build, it is taken first: gigabytes smaller, and all the tests need.
TORCH ?= torch>=2.11
SEED ?= 336

.PHONY: demo test golden fuzz lint bench docs clean

demo: $(VENV)/installed-demo
	@$(BIN)/python -m staff.demo --seed $(SEED)

# As many processes as cores, so each keeps to one: torch's threads would wait for each other.
test golden: export OMP_NUM_THREADS = 1
test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile

golden: $(VENV)/installed-dev
	GOLDEN=all $(BIN)/python -m pytest grader/tests/test_golden_submissions.py grader/tests/test_planted_bugs.py grader/tests/test_bent_replies.py

# As long as wanted: make fuzz SECONDS=3600
SECONDS ?= 120
fuzz: $(VENV)/installed-dev
	$(BIN)/python -m grader.tests.fuzz wire -max_total_time=$(SECONDS)
	$(BIN)/python -m grader.tests.fuzz intake -max_total_time=$(SECONDS)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/grader check

bench: $(VENV)/installed-bench
	$(BIN)/python -m benchmarks

docs: $(VENV)/installed-dev
	@$(BIN)/python -m staff.site

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "make: $(PYTHON) is $$($(PYTHON) --version 2>&1); this repository needs Python 3.11 to 3.13 (say PYTHON=...)"; exit 1; }
	@.ci/system $(PYTHON)
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml $(VENV)/bin/python
	@.ci/torch $(BIN)/python "$(TORCH)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-demo: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[server,scaling]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@.ci/system $(PYTHON) dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@
