# make setup | demo | test | test-train | check | fix | clean. A second run of any of them starts within seconds.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)

.PHONY: setup demo test test-train check fix clean

setup: $(STAMP)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Hark needs Python 3.11 or newer; install it, or say PYTHON=/path/to/python3"; exit 1; }
	@command -v c++ >/dev/null || command -v g++ >/dev/null || command -v clang++ >/dev/null || \
		{ echo "Hark needs a C++ compiler; install one (sudo apt install g++)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV). The first time, llama-cpp-python is compiled for this very processor:"
	@echo "about four minutes on two cores, longer on a small board. Nothing is wrong while it is quiet."
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -e '.[dev]'
	@touch $(STAMP)
	@echo "Done. Try: $(BIN)/hark ask \"set a timer for ten minutes\""

demo: $(STAMP)
	@$(BIN)/hark demo

# The default ring, then the one with the models that ship, where they are here.
test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile
	@if compgen -G "assistant/bundled/skill/*.gguf" >/dev/null && test -f assistant/bundled/listening/model.bin; then \
		echo "$(BIN)/python -m pytest -m model"; \
		$(BIN)/python -m pytest -m model --timeout 300; code=$$?; test $$code -eq 5 || exit $$code; \
	else echo "The model ring was left out: no models are bundled with this copy."; fi

# The ring that trains dolls; needs torch: $(BIN)/pip install -e '.[train]'
test-train: $(STAMP)
	$(BIN)/python -m pytest -m train --timeout 600

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
