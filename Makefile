# Crew311. `make` lists what there is. From nothing but Python >= 3.11, make and git: `make run`, `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
FLASK := $(BIN)/flask --app wsgi
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# Each step of the set-up leaves a mark in .state and runs again only when what it read has changed.
WEB_SOURCES := $(shell find pwa -type f -not -path '*/node_modules/*' -not -path 'pwa/dist/*' 2>/dev/null) $(wildcard crew_app/translations/*.po)

help: ## this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: .state/web .state/python ## install what is pinned, build the phone app

run: setup ## the demo city: web server and worker, with addresses and sign-ins
	@$(FLASK) init
	$(FLASK) demo --if-empty
	exec $(FLASK) up

test: setup .state/browser ## every test, on SQLite and on PostgreSQL, browser tests included
	@tests/run

check: setup ## style, types, locks and generated files
	@echo "== ruff"; $(BIN)/ruff check . && $(BIN)/ruff format --check .
	echo "== mypy"; $(BIN)/mypy
	echo "== the phone app's types"; cd pwa && npm run --silent check

bench: bench-sync bench-dispatch ## all benchmarks

bench-sync: setup ## sync beside PouchDB: bytes, cuts, storm, conflicts (ARGS=--long for all of it)
	@$(BIN)/python bench/sync/run.py $(ARGS)

bench-dispatch: .state/python ## dispatch beside geopy, PyVRP, OR-Tools, VROOM on real days (ARGS=--quick for the claims alone)
	@$(BIN)/python bench/dispatch/run.py $(ARGS)

bench-replay: .state/python ## six real days against each dispatch policy: late, done, kilometres, hand-overs
	@$(BIN)/python -m bench.replay.run $(ARGS)

bench-desk: setup .state/browser ## the desk with 10,000 cases and 200 crews: first picture, panning, an hour of memory (ARGS="--figure pan")
	@$(BIN)/python -m bench.desk.run $(ARGS)

bench-app: setup .state/browser ## the phone app: bytes to the first list, cold start without signal, 500 jobs scrolled
	@$(BIN)/python bench/app/run.py $(ARGS)

bench-public: .state/python ## residents' pages with 300,000 cases on SQLite and PostgreSQL: p99 of map, list and feeds; the CSV's memory
	@$(BIN)/python -m bench.public.run $(ARGS)

bench-map: setup .state/browser ## the map beside MapLibre GL and Leaflet: bytes, cold start, memory, long tasks while panning (ARGS="--runs 5")
	@$(BIN)/python bench/map/run.py $(ARGS)

bench-roads: .state/python ## the road graph: how long it takes, and what plans by road save
	@$(BIN)/python -m bench.roads.run $(ARGS)

# One after the other: two cores are too few to run them together.
score: ## the quick scoreboard, one figure after the other
	@for figure in authz open311 schema attack pii photo bad kill power restore tus sim faults; do $(MAKE) --no-print-directory score-$$figure; done

score-long: ## the same for hours
	@$(MAKE) score-kill ARGS="--seconds 3600"
	$(MAKE) score-power ARGS="--states 100000"
	$(MAKE) score-sim ARGS="--seeds 100000"
	$(MAKE) score-bad ARGS="--inputs 500000"
	$(MAKE) score-photo ARGS="--hostile 6400"
	$(MAKE) score-faults
	$(MAKE) score-faults ARGS="--seeds 200"

score-authz: setup ## every route x every role x own and other department: answered otherwise 0, without cells 0
	@$(BIN)/python tests/authz/score.py $(ARGS)

score-open311: .state/python ## GeoReport v2 row by row: each method and each trap of clients in the wild, n of n
	@$(BIN)/python tests/score/open311.py $(ARGS)

score-schema: setup ## schemathesis asks every door of /openapi.json what it does not expect: failures 0 (ARGS="--examples 200")
	@$(BIN)/python tests/score/schema.py $(ARGS)

score-open-data: .state/python ## 300,000 cases out as CSV: memory under 200 MB, with GeoParquet beside it
	@$(BIN)/python tests/score/open_data.py $(ARGS)

score-pii: setup ## a canary in every private column, every public surface crawled: leaks 0
	@$(BIN)/python tests/privacy/score.py $(ARGS)

score-attack: setup ## T1-T35 of docs/security/threat-model.md, each tried: blocked n of n, ASVS 5.0 rows mapped (ARGS="--only 7 21")
	@$(BIN)/python tests/attack/score.py $(ARGS)

score-photo: setup ## what cameras write over every way in: left 0; hostile pictures: decoders stopped, the server goes on (ARGS="--hostile 6400")
	@$(BIN)/python tests/photos/score.py $(ARGS)

score-bad: .state/python ## 20,000 bad inputs on SQLite and PostgreSQL: 5xx 0, hangs 0, stored unequal 0 (ARGS="--inputs 500000")
	@$(BIN)/python tests/bad/score.py $(ARGS)

score-kill: .state/python ## kill -9 under load, SQLite and PostgreSQL: acknowledged and lost 0
	@$(BIN)/python tests/score/kill.py $(ARGS)

score-power: .state/python ## power cuts replayed from a traced server: no state loses what was acknowledged (needs strace)
	@$(BIN)/python tests/score/power.py $(ARGS)

score-restore: .state/python ## a city under load put back to random seconds: nothing lost, nothing later, photos whole
	@$(BIN)/python tests/score/restore.py $(ARGS)

score-tus: setup ## others' tus clients, cut and killed: every photo whole
	@$(BIN)/python tests/score/tus.py $(ARGS)

score-sim: setup ## worlds of phones, office and faults from a seed: nothing lost, doubled or diverged
	@$(BIN)/python tests/sim/run.py $(ARGS)

score-faults: setup .state/browser ## F01-F46 in a real Chromium through a proxy that breaks
	@$(BIN)/python tests/faults/score.py $(ARGS)

vectors: .state/python ## write tests/vectors anew from the Python rule
	@$(BIN)/python tests/vectors/write.py

words: .state/python ## gather what residents and crews read into crew_app/translations, for translators
	@$(BIN)/python tests/words/gather.py

sbom: .state/python ## all that runs beside our own code, with versions, hashes and licences (CycloneDX) into sbom.cdx.json
	@$(BIN)/python tests/house/sbom.py > sbom.cdx.json && echo "sbom.cdx.json"

lock: .state/python ## pin dependencies anew, with hashes
	@for name in requirements requirements-dev; do
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --custom-compile-command 'make lock' $$name.txt -o $$name.lock
	done

reset: ## delete the demo city (instance/); code and tools stay
	@rm -rf instance && echo "instance/ is gone. \`make run\` makes a new city."

clean: reset ## delete everything that make made
	@rm -rf .venv .state pwa/node_modules pwa/dist

.state/python: requirements-dev.lock
	@mkdir -p .state
	echo "== Python packages into .venv"
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Crew311 needs Python 3.11 or newer; set PYTHON=..."; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	touch $@

.state/node: pwa/package-lock.json .state/python
	@echo "== JavaScript packages into pwa/node_modules"
	cd pwa && npm ci --silent --ignore-scripts --no-audit --no-fund
	touch ../.state/node

.state/web: .state/node $(WEB_SOURCES)
	@echo "== the phone app into pwa/dist"
	cd pwa && npm run --silent build
	touch ../.state/web

.state/browser: .state/python
	@tests/browser/find-chromium --install
	touch $@

.PHONY: help setup run test check bench bench-sync bench-dispatch bench-replay bench-roads score score-long score-authz score-open311 score-schema score-open-data score-pii score-attack score-photo score-bad score-kill score-power score-restore score-tus score-sim score-faults vectors words sbom lock reset clean bench-desk bench-app bench-map bench-public
