# `make app` and `make test` set up everything they need; `make help` lists the rest.

PYTHON ?= python3
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

export GRADIO_ANALYTICS_ENABLED ?= False
export HF_HUB_DISABLE_TELEMETRY ?= 1
export TF_CPP_MIN_LOG_LEVEL ?= 2

# Exits with 0 if this interpreter will do. Runs on any Python, however old.
SUITABLE := import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
VERSION := import sys; sys.stdout.write("%d.%d.%d" % sys.version_info[:3])

.DEFAULT_GOAL := help
.PHONY: app test train evaluate clean help environment

## app: install what the app needs and start it (ARGS="--port 7861" passes options)
app: $(VENV)/.installed-app
	$(PY) app.py $(ARGS)

## train: train every model on every data set (ARGS="convolutional ..." trains one)
train: $(VENV)/.installed-app
	$(PY) train.py $(or $(ARGS),all)

## evaluate: measure trained models on held-out data (ARGS passes options to train.py)
evaluate: $(VENV)/.installed-app
	$(PY) train.py evaluate $(ARGS)

## test: style, types and all tests (ARGS="-k vae" passes options to pytest)
test: $(VENV)/.installed-test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) tests/browser.py
	$(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist loadscope $(ARGS)

## clean: remove the environment and every cache (checkpoints and runs stay)
clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .gradio
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

## help: this list
help:
	@sed -n 's/^## //p' Makefile

# The stamps make a second run quick: pip is asked again only when the requirements change.
$(VENV)/.installed-app: requirements.txt | $(VENV)/.tools
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-test: requirements.txt requirements-test.txt | $(VENV)/.tools
	$(PIP) -r requirements-test.txt
	@touch $(VENV)/.installed-app $@

# Python brings a pip and a setuptools of its own age, with the holes that are known of them.
$(VENV)/.tools: | environment
	$(PIP) --upgrade 'pip>=26' 'setuptools>=78.1.1'
	@touch $@

# Makes the environment if there is none, and refuses one that can't work.
environment:
	@if [ ! -e $(VENV)/pyvenv.cfg ]; then \
	  command -v $(PYTHON) >/dev/null || \
	    { echo "There is no $(PYTHON) here: name a Python 3.10 to 3.13, as in make app PYTHON=python3.11." >&2; exit 1; }; \
	  $(PYTHON) -c '$(SUITABLE)' || \
	    { echo "Python 3.10 to 3.13 is needed, and $(PYTHON) is $$($(PYTHON) -c '$(VERSION)'): name another, as in make app PYTHON=python3.11." >&2; exit 1; }; \
	  echo "Making $(VENV) with Python $$($(PYTHON) -c '$(VERSION)')"; \
	  $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; \
	fi
	@$(PY) -c '' 2>/dev/null || \
	  { echo "The Python that made $(VENV) is gone: run make clean, then this again." >&2; exit 1; }
	@$(PY) -c '$(SUITABLE)' || \
	  { echo "Python 3.10 to 3.13 is needed, and $(VENV) was made by $$($(PY) -c '$(VERSION)'): run make clean, then this again with PYTHON=python3.11." >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || \
	  { echo "There is no pip in $(VENV): run make clean, then this again." >&2; exit 1; }
