# make demo: a whole competition, and where to look at it.   make test: all checks.   Both set themselves up.
SHELL := /bin/sh
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/ready

.PHONY: setup demo test slow lint bench browser pictures clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Podium needs Python 3.11, 3.12 or 3.13 on the PATH, or: make PYTHON=/path/to/python"; exit 3; }
	@echo "Setting up .venv with $(PYTHON) (TensorFlow among it: a few minutes, once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable '.[starter,web,postgres,dev]' --config-settings editable_mode=compat
	@$(BIN)/python -m compileall -q podium.py commands grader leaderboard starter submissions
	@touch $@

demo: setup
	@rm -rf build/demo
	@$(BIN)/podium demo build/demo

test: setup browser lint
	@$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

slow: setup
	@$(BIN)/pytest -m slow

lint: setup
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

bench: setup
	@$(BIN)/python -m benchmarks

browser: setup
	@.ci/browser

pictures: setup browser
	@$(BIN)/python tests/pictures.py build/pictures

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
