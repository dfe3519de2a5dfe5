# run, demo, test, bench: each does everything it needs, also on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_FOLDER ?= data/home

.PHONY: run demo test night bench browser
.DEFAULT_GOAL := run

# Open the scorecard in the browser. An empty one offers sample data.
run: $(VENV)/run.stamp
	PLUMBLINE_HOME="$(HOME_FOLDER)" $(BIN)/streamlit run app.py

# The same with the sample company already in it (kept if there is data already).
demo: $(VENV)/run.stamp
	@test -e "$(HOME_FOLDER)" || $(BIN)/python -m kpi_engine demo --home "$(HOME_FOLDER)"
	PLUMBLINE_HOME="$(HOME_FOLDER)" $(BIN)/streamlit run app.py

# Every check, the same on a laptop and on the build machine; each worker keeps to one core.
test: $(VENV)/dev.stamp browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PLUMBLINE_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations 10

# What takes too long for every change: two thousand random tables, a hundred killed imports,
# a hundred histories of imports taken back, two thousand coincidences, every page for axe and
# behind the login.
night: $(VENV)/dev.stamp
	EVERY_PAGE=1 FUZZ_EXAMPLES=2000 KILLS=100 KILLED_ROWS=1000000 UNDO_EXAMPLES=100 DRAWS=400 \
		OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/imports/test_fuzz.py \
		tests/store/test_killed_import.py tests/store/test_undo.py tests/test_translation_benchmark.py \
		tests/browser/test_accessibility.py tests/browser/test_login.py

# Find a Chromium, or install one, or say what to do. Never skipped.
browser: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.browser.chromium

# Ratios against the budgets; see benchmarks/.
bench: $(VENV)/dev.stamp browser
	$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Plumbline needs Python 3.11 or newer; make PYTHON=/path/to/python3.11 names one." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python cannot make a virtual environment here; on Debian: apt-get install python3-venv." >&2; exit 1; }

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp
