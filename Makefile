# One command for each job. Needs Python 3.11 or newer with venv, and make; everything else is installed below .venv.
#
#   make run                 install, make a demo home in .demo, take synthetic studies through the whole chain, serve
#   make run ARGS=--no-serve the same, but end after the table
#   make test                the tests
#   make check               style, types, layering, locks, and a guard against committed images and keys
#   make setup               install what development needs
#   make bench               figures against other tools
#   make lock                resolve the pinned requirements again (ARGS=--upgrade for newer ones)
#   make clean               remove everything that make made

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench lock clean python

# The first Python that is new enough; `make PYTHON=…` chooses another one.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$name && break; done)
ARGS ?=

BIN := .venv/bin
UV := .venv-tools/bin/uv
CHROMIUM := $(or $(WORKBENCH_CHROMIUM),$(shell command -v chromium || command -v chromium-browser))

export UV_PYTHON_DOWNLOADS = never
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help:
	@sed -n 's/^#   //p' Makefile

python:
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer is needed; this is $$(python3 --version 2>&1). Debian, Ubuntu: apt-get install python3.11 python3.11-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "The venv module of $(PYTHON) is missing. Debian, Ubuntu: apt-get install python3-venv"; exit 1; }

# uv installs several times faster than pip. Where it cannot be had, or reaches no index, pip does the same work.
.venv-tools/.ready: requirements-tools.lock | python
	@rm -rf .venv-tools
	@$(PYTHON) -m venv .venv-tools
	@.venv-tools/bin/python -m pip install --quiet --require-hashes --requirement requirements-tools.lock \
		|| echo "uv cannot be had here; pip does its work."
	@touch $@

# $(call install,LOCK FILE): exactly the pinned versions with the pinned hashes and nothing besides, then the project
# itself, editable. Without --no-deps the installers would ask for what the lock leaves out on purpose (pyproject.toml).
# Start-up counts: everything is compiled now (some machines never write compiled files later), and the project is found
# by a path instead of an import hook.
define install
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing $(1)"
	@if test -x $(UV) && $(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes --requirement $(1); then :; else \
		$(BIN)/python -m ensurepip --upgrade >/dev/null \
		&& $(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement $(1); fi
	@if test -x $(UV) && $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .; then :; else \
		$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .; fi
	@$(BIN)/python -m compileall -q workbench
endef

.venv/.ready: requirements.lock pyproject.toml .venv-tools/.ready | python
	$(call install,requirements.lock)
	@touch $@

.venv/.ready-dev: requirements.lock requirements-dev.lock pyproject.toml .venv-tools/.ready | python
	$(call install,requirements-dev.lock)
	@touch .venv/.ready $@

setup: .venv/.ready-dev

run: .venv/.ready
	@$(BIN)/workbench demo --home .demo
	@case " $(ARGS) " in *" --no-serve "*) ;; *) $(BIN)/workbench serve --home .demo $(ARGS) ;; esac

test: .venv/.ready-dev
	@status=0; \
	$(BIN)/python -m pytest $(ARGS) || status=1; \
	if test -n "$(CHROMIUM)"; then $(BIN)/python -m pytest -m browser $(ARGS) || status=1; \
	else echo "No Chromium here: the browser tests are skipped. Debian: apt-get install chromium libatomic1"; fi; \
	exit $$status

# All of them run, so that one look shows everything.
check: .venv/.ready-dev
	@status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run .venv/bin/ruff format ."; status=1; }; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports --no-cache || status=1; \
	$(BIN)/python .ci/locks.py || status=1; \
	$(BIN)/python .ci/guard.py || status=1; \
	exit $$status

bench: .venv/.ready-dev
	@if test -f tests/bench/__main__.py; then $(BIN)/python -m tests.bench $(ARGS); \
		else $(BIN)/python -m pytest -m bench -s $(ARGS); fi

COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate
lock: export UV_CUSTOM_COMPILE_COMMAND = make lock
lock: .venv-tools/.ready
	@echo 'setuptools>=77' | $(COMPILE) $(ARGS) pyproject.toml - --extra pixels --output-file requirements.lock
	@echo 'setuptools>=77' | $(COMPILE) $(ARGS) pyproject.toml - --extra pixels --extra dev --constraints requirements.lock \
		--output-file requirements-dev.lock
	@echo 'uv>=0.9' | $(COMPILE) $(ARGS) - --output-file requirements-tools.lock

clean:
	@rm -rf .venv .venv-tools .demo .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
