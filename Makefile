# Two commands: `make run` serves the app, `make test` runs the checks. Both set everything up first.
# `make test-slow` trains the long presets too; continuous integration runs both. `make test-longest` trains five more to
# their end.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup run test test-slow test-longest bench pictures screenshots clean

setup: $(VENV)/dev.done

run: $(VENV)/app.done
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint --deny-warnings --report-unused-disable-directives pages
	$(BIN)/python -m pytest

test-slow: $(VENV)/dev.done
	$(BIN)/python -m pytest -m slow

test-longest: $(VENV)/dev.done
	$(BIN)/python -m pytest -m longest

bench: $(VENV)/dev.done
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.live --page 2d
	$(BIN)/python -m benchmarks.live --page mnist
	$(BIN)/python -m benchmarks.images
	$(BIN)/python -m benchmarks.convergence

pictures: $(VENV)/dev.done
	$(BIN)/python -m benchmarks.gallery

screenshots: $(VENV)/dev.done
	$(BIN)/python -m benchmarks.screenshots

clean:
	rm -rf $(VENV)

$(VENV)/app.done: requirements.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev.done: requirements-dev.txt $(VENV)/app.done
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
