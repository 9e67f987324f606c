# What can be done here, in short commands: `make` lists them. Needs Python 3.11 or newer; the rest is fetched into .venv.

.DEFAULT_GOAL := help
.PHONY: help install demo crawl query db-start db-stop test test-newest test-browser test-replay soak bench check reference pictures
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HUB_GENEALOGY := $(BIN)/python -m crawler
READY := $(VENV)/.ready
LINT := $(VENV)/.lint
BROWSER := $(VENV)/.browser
DATA ?= ../shared/data

# What is given on the command line (make query MODEL=…) reaches a recipe through its environment and stays data: `value`
# keeps make from expanding it, and no recipe writes it into the text of a shell command. In make query, whatever is
# given there and is nothing that make or this file knows is a parameter of the query, in small letters or capitals;
# of the environment, only these names are: ASKED lists them.
PARAMETERS := MODEL OTHER OWNER DATASET LICENSE LIMIT MAX_DEPTH RELATIONS AS_OF INCLUDE_WITHDRAWN
KNOWN := NAME FORMAT PARAMS OPTIONS DATA SHARE HUB_GENEALOGY_HOME
SAID := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
OTHERS := $(filter-out $(PARAMETERS) $(KNOWN) PYTHON VENV BIN READY LINT BROWSER HUB_GENEALOGY HUB_GENEALOGY_% NEO4J_% HF_% -% MAKE% .% SHELL,$(SAID))
ASKED := $(PARAMETERS) $(OTHERS)
GIVEN := $(KNOWN) $(ASKED)
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name))))
export $(GIVEN) ASKED

# The state folder is ./var where HUB_GENEALOGY_HOME names no other. Until something was crawled into ./var, questions go
# to the demo's graph, if there is one.
OWN_STATE = : "$${HUB_GENEALOGY_HOME:=$$PWD/var}";
STATE_AT_HAND = if [ -z "$$HUB_GENEALOGY_HOME$$NEO4J_URI" ] && [ -d var/demo ] && [ -z "$$(ls var/changes 2>/dev/null)" ]; then \
	HUB_GENEALOGY_HOME="$$PWD/var/demo"; echo 'this is the graph of make demo, in var/demo; make crawl makes your own' >&2; fi; \
	$(OWN_STATE)

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

install: $(READY) ## Set up .venv, where pyproject.toml or constraints.txt changed

demo: $(READY) ## A small simulated Hub, crawled into a local Neo4j, and two questions answered
	@$(BIN)/python -m demo

crawl: $(READY) ## Crawl the Hub and bring the graph up to date [OPTIONS='--dry-run']
	@$(OWN_STATE) set -f; exec $(HUB_GENEALOGY) crawl $$OPTIONS

query: $(READY) ## Ask: NAME=descendants MODEL=org/name [FORMAT=table|csv|json|jsonl] [LIMIT=10 AS_OF=2025-03-01 …]
	@if [ -z "$$NAME" ]; then \
	    echo 'make query needs the name of a saved query, as in: make query NAME=descendants MODEL=mistralai/Mistral-7B-v0.1' >&2; \
	    $(HUB_GENEALOGY) query --list >&2; exit 2; \
	fi; \
	$(STATE_AT_HAND) set -f; set --; \
	for given in $$PARAMS; do set -- "$$@" -p "$$given"; done; \
	for name in $$ASKED; do \
	    case $$name in *[!A-Za-z0-9_]*) set -- "$$@" -p "$$name="; continue; esac; \
	    value=$$(printenv "$$name") || continue; \
	    [ -z "$$value" ] || set -- "$$@" -p "$$(printf %s "$$name" | tr A-Z a-z)=$$value"; \
	done; \
	[ -z "$$FORMAT" ] || set -- "$$@" "--format=$$FORMAT"; \
	exec $(HUB_GENEALOGY) query "$$@" -- "$$NAME"

db-start: $(READY) ## Start the local Neo4j and say where it answers
	@$(STATE_AT_HAND) $(HUB_GENEALOGY) db start && exec $(HUB_GENEALOGY) db status

db-stop: $(READY) ## Stop the local Neo4j, the demo's too; graphs stay
	@if [ -z "$$HUB_GENEALOGY_HOME" ] && [ -d var/demo/neo4j ]; then \
	    HUB_GENEALOGY_HOME="$$PWD/var/demo" $(HUB_GENEALOGY) db stop || exit; \
	    [ -d var/neo4j ] || exit 0; \
	fi; \
	$(OWN_STATE) exec $(HUB_GENEALOGY) db stop

test: $(READY) ## Run the tests; they need nothing that is not fetched or in the repository
	$(BIN)/python -m pytest -m 'not replay and not soak and not browser'

test-newest: $(READY) ## Put the queries to the newest calendar release of Neo4j, too
	env -u NEO4J_URI NEO4J_FOR_TESTS=newest $(BIN)/python -m pytest -m 'not replay and not soak and not browser' \
	    tests/answers/test_release.py tests/answers/test_golden_results.py tests/answers/test_genealogy_queries.py \
	    tests/answers/test_query_plans.py tests/answers/test_random_*.py

test-browser: $(BROWSER) ## Use the queries in Neo4j Browser, in a real headless Chromium
	@$(BIN)/python -m tests.support.chromium
	$(BIN)/python -m pytest -m browser tests/browser

test-replay: $(READY) ## Run the tests on real data, which is not in the repository [DATA=../shared/data]
	@[ -d "$$DATA/replay" ] || { echo "no real data at $$DATA: name its folder, as in make test-replay DATA=…" >&2; exit 2; }
	REPLAY_DATA="$$(cd "$$DATA" && pwd)" $(BIN)/python -m pytest -m replay

soak: $(READY) ## Forty disturbed nights on the real data, an hour or so [DATA=../shared/data SHARE=0.1]
	@[ -d "$$DATA/replay" ] || { echo "no real data at $$DATA: name its folder, as in make soak DATA=…" >&2; exit 2; }
	REPLAY_DATA="$$(cd "$$DATA" && pwd)" SOAK_SHARE="$$SHARE" $(BIN)/python -m pytest -m soak

bench: $(READY) ## Measure every saved query, on the real data and on made shapes, into docs/benchmarks.md [DATA=../shared/data OPTIONS=]
	@set -f; exec $(BIN)/python -m benchmarks --data "$$DATA" $$OPTIONS

reference: $(READY) ## Write docs/commands.md, docs/settings.md and queries/README.md anew from the program
	@$(BIN)/python -m tests.support.reference

pictures: $(BROWSER) ## Take the pictures of docs/browser.md anew
	@$(BIN)/python -m tests.support.chromium
	BROWSER_PICTURES=docs/pictures $(BIN)/python -m pytest -m browser tests/browser

check: $(READY) $(LINT) ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Everything that is printed here goes to stderr: `make query FORMAT=json | …` works from the first time on.
$(READY): pyproject.toml constraints.txt
	@{ for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11 ''; do \
	    [ -n "$$python" ] || { echo 'Python 3.11 or newer is needed: install it, or name it, as in make PYTHON=/path/to/python3.11 …'; exit 1; }; \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "setting up $(VENV), once: a minute or two"; "$$python" -m venv --clear $(VENV); } && \
	$(BIN)/python -m pip install --quiet --constraint constraints.txt pip && \
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt \
	    --editable '.[local,fast]' --group test && \
	touch $@; } >&2

$(LINT): $(READY)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group lint >&2
	@touch $@

$(BROWSER): $(READY)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group browser >&2
	@touch $@
