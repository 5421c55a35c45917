# Two commands: `make run` serves the app, `make test` runs the checks. Both set everything up first.
# Continuous integration runs `make test`. `make test-slow`, before a release, trains the long presets and hundreds of hostile
# settings; `make test-longest` trains five more to their end, and looks at every pair of page and language.
PYTHON ?= python3
PORT ?= 8501
# how often a browser test may be tried again: continuous integration allows one, on a machine that others load, and names it
RETRIES ?= 0
VENV := .venv
BIN := $(VENV)/bin
DAILY := not slow and not longest
INSTALL := pip install --quiet --disable-pip-version-check

.PHONY: setup run test check test-slow test-longest bench pictures screenshots hooks lock clean

setup: $(VENV)/dev.done

run: $(VENV)/app.done
	$(BIN)/streamlit run app.py --server.port $(PORT)

# the browser's tests have the machine to themselves; the others share its cores
test: check
	$(BIN)/python -m pytest -n logical --dist loadfile -m "$(DAILY) and not browser"
	$(BIN)/python -m pytest -m "$(DAILY) and browser" --reruns $(RETRIES) -r R

check: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint --deny-warnings --report-unused-disable-directives pages
	$(BIN)/mypy

test-slow: $(VENV)/dev.done
	$(BIN)/python -m pytest -m slow

test-longest: $(VENV)/dev.done
	$(BIN)/python -m pytest -m longest

bench: $(VENV)/dev.done
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.settings_map
	$(BIN)/python -m benchmarks.live
	$(BIN)/python -m benchmarks.live --page 2d
	$(BIN)/python -m benchmarks.live --page mnist
	$(BIN)/python -m benchmarks.images
	$(BIN)/python -m benchmarks.recording
	$(BIN)/python -m benchmarks.convergence

pictures: $(VENV)/dev.done
	$(BIN)/python -m benchmarks.gallery

screenshots: $(VENV)/dev.done
	$(BIN)/python -m benchmarks.screenshots

# the checks but for the tests, before every commit
hooks: $(VENV)/dev.done
	$(BIN)/pre-commit install

# requirements.lock anew, from what requirements.txt and requirements-dev.txt ask for
lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/$(INSTALL) -r requirements-dev.txt
	sed -n '/^#/p;/^[^#]/q' requirements.lock > build/lock/head
	build/lock/bin/pip freeze | sed 's/+cpu$$//' | cat build/lock/head - > requirements.lock
	rm -r build/lock

clean:
	rm -rf $(VENV)

# `-c`: at the versions of requirements.lock, whatever else has come out since
$(VENV)/app.done: requirements.txt requirements.lock
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/$(INSTALL) -r requirements.txt -c requirements.lock
	touch $@

$(VENV)/dev.done: requirements-dev.txt $(VENV)/app.done
	$(BIN)/$(INSTALL) -r requirements-dev.txt -c requirements.lock
	touch $@
