# The front door of Nụ Cười. `make` alone prints the targets.

PART ?= all
PYTEST ?=
JOBS ?= 2
SHOTS ?= assets/screenshots
SOAK ?= 500
SOAKED = $(shell grep -rlE --include='test_*.py' 'NUCUOI_SOAK|^from hypothesis|pytest.mark.window' tests)
VENV := .venv
READY := $(VENV)/.stamp-$(PART)
PO := $(shell find assets sync_server kiosk -name '*.po' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench soak cluster kiosk server screenshots voice guide clean

help: ## print these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) $(VENV)/.stamp-catalogues ## make .venv and install what is missing (PART=all, kiosk or server)

$(READY): pyproject.toml setup.py config/setup/setup.sh config/setup/packages.txt
	@config/setup/setup.sh $(PART)
	@touch $@

$(VENV)/.stamp-catalogues: $(READY) $(PO) config/setup/catalogues.sh
	@config/setup/catalogues.sh
	@touch $@

demo: setup ## server with demo data, and a kiosk's window: look and touch
	@$(VENV)/bin/python config/demo/run.py

test: setup check ## set up, check, and run all tests (PYTEST="-k words" for some; JOBS=2 at once)
	$(VENV)/bin/python -m pytest -n $(JOBS) $(PYTEST)

check: setup ## format, lint and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

bench: setup ## run the benchmarks, each beside its baseline (BENCH="tap intake" for some)
	@config/setup/bench.sh $(BENCH)

soak: setup ## the long tests in full: kill -9, power cuts, faulty networks, new examples (SOAK=500 rounds; an hour or more)
	NUCUOI_SOAK=$(SOAK) $(VENV)/bin/python -m pytest --timeout=14400 $(SOAKED) $(PYTEST)

cluster: setup ## three database nodes, two servers and HAProxy on loopback, to look at and to break
	@$(VENV)/bin/python -m config.cluster.up

kiosk: setup ## run the kiosk in a window, with the settings of this machine
	$(VENV)/bin/nucuoi-kiosk run

server: setup ## make or migrate var/nucuoi.db and run the server on it
	$(VENV)/bin/nucuoi-server init
	$(VENV)/bin/nucuoi-server run

screenshots: setup ## pictures of every screen of the kiosk and the main pages (SHOTS=assets/screenshots)
	$(VENV)/bin/python -m tests.kiosk.window.screenshots $(SHOTS)
	$(VENV)/bin/python -m tests.together.pages $(SHOTS)

voice: setup ## make the sounds that are missing from the prompts of the screens, with espeak-ng (ALL=--all for all)
	$(VENV)/bin/python config/setup/voice.py $(ALL)

guide: setup ## print the clerk's one page to docs/guide/clerk.pdf
	$(VENV)/bin/python docs/guide/print.py

clean: ## remove all that these targets made (.venv, .demo, caches), never var/
	rm -rf $(VENV) .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
	find . -path ./.git -prune -o \( -name __pycache__ -o -name '*.mo' \) -print0 | xargs -0 -r rm -rf
