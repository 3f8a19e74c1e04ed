# detente: "make" lists what can be done. Needs Python 3.11 or newer and make; uses uv when it is on the PATH.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
EXTRAS := pdf,serve,dask,sensitivity,netcdf,fast,test
PYTEST_ARGS ?=
BENCH_ARGS ?=
FUZZ_ARGS ?=
CHAOS_ARGS ?=
EXPERIMENTS := drawdown_ladder levers_of_peace rival_theories road_to_crisis what_matters
ifndef OBSERVATIONS
OBSERVATIONS := $(or $(DETENTE_OBSERVATIONS),../shared/observations)
endif
PAST := history_1989_2003 --observations keds_dyad_week_1989_2000.csv
INSTALL = if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python $(BIN)/python --constraint constraints.txt -e $(1); \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt -e $(1); fi

.PHONY: help measures run test fuzz chaos setup schema picture report experiments bench golden ledger evidence documents clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.core ## install, run the baseline, say where the picture is
	@$(BIN)/detente run baseline
	@echo "Picture $$(ls -t results/baseline-*/fan.png | head -n 1)"

# Compiled files are kept, or every worker and every command that a test starts would compile all again. Types are
# checked beside the tests: the first time, before there is a cache, that takes a tenth of their time.
test: export PYTHONDONTWRITEBYTECODE :=
test: .venv/.all ## install everything, check style, types and floors, run the tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@mkdir -p build
	@$(BIN)/mypy > build/types.txt 2>&1 & types=$$!; \
	$(BIN)/pytest -q -n logical --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS); tests=$$?; \
	wait $$types || tests=1; cat build/types.txt; exit $$tests

fuzz: .venv/.all ## mutate everything that is read, ten thousand times (ten minutes); findings go to build/fuzz
	@$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

chaos: .venv/.all ## kill, race and starve every command that writes, and hold what is left (half an hour)
	@$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

setup: .venv/.all ## install detente with every extra into .venv

schema: .venv/.core ## write the JSON Schema of scenario files again
	@$(BIN)/detente scenarios schema --out schema/scenario.schema.json

picture: .venv/.core ## draw the picture of the README again, from a run of the baseline
	@$(BIN)/detente run baseline --out build/picture --force
	@mkdir -p docs/pictures
	@cp build/picture/fan.png docs/pictures/fan.png
	@echo "Picture docs/pictures/fan.png"

report: .venv/.all ## write the example report again: the baseline against five scenarios (some minutes)
	@$(BIN)/detente report baseline kfor_drawdown dialogue_deal arms_race dayton_breach hungary_serbia_becomes_real \
		--why-by acts --among --pdf --fresh --workers 2 --out reports/example --force

bench: .venv/.all ## time the ensemble beside object models, JAX and C: docs/benchmark.md (some minutes; BENCH_ARGS=--quick, --guard)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt -r benchmarks/requirements.txt || echo "Without agentpy and JAX, which cannot be installed here" >&2
	@$(BIN)/python -W ignore benchmarks/page.py $(BENCH_ARGS)

experiments: .venv/.all ## run the shipped experiments that are missing, write reports/experiments (half an hour)
	@for name in $(EXPERIMENTS); do \
		$(BIN)/detente experiment run $$name --resume --out build/experiments/$$name > /dev/null || exit $$?; done
	@$(BIN)/detente experiment report $(EXPERIMENTS:%=build/experiments/%) --out reports/experiments --force

golden: .venv/.core ## write the kept results of every shipped scenario again; wants a word under **Numbers** where they moved
	@$(BIN)/python -W ignore tests/golden.py

ledger: .venv/.core ## what every statement and every weight is worth: reports/seed_ledger.md and .json, docs/weights.md
	@mkdir -p reports build
	@$(BIN)/detente scenarios weights --out docs/weights.md > build/weights.txt
	@$(BIN)/detente scenarios facts --members 1000 --out reports/seed_ledger.md --json > build/seed_ledger.json
	@mv build/seed_ledger.json reports/seed_ledger.json

evidence: export DETENTE_OBSERVATIONS = $(abspath $(OBSERVATIONS))
evidence: .venv/.core ## score forecasts and past again, write card and documents (some 15 minutes; goes on where it stopped)
	@test -d "$(OBSERVATIONS)" || { echo "no folder $(OBSERVATIONS): make evidence OBSERVATIONS=/path/to/observations" >&2; exit 3; }
	@$(BIN)/python experiments/hindcasts/score.py
	@$(BIN)/detente verify $(PAST) --history reports/history --until 1997-12-31 --force
	@mkdir -p build
	@$(BIN)/detente verify $(PAST) --backcast reports/backcast.svg --force --json > build/backcast.json
	@mv build/backcast.json reports/backcast.json
	@$(BIN)/detente verify --card reports/evidence_card.json
	@$(BIN)/detente verify --documents docs

measures: .venv/.core ## measure the house: rooms, files, functions, circles
	@$(BIN)/python benchmarks/measures.py

documents: .venv/.core ## write the model, ODD, TRACE, model card and register of failures again
	@$(BIN)/detente verify --documents docs

clean: ## remove the environment and the caches, keep the results
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist

.venv/bin/python:
	@if command -v uv >/dev/null 2>&1; then uv venv --quiet --seed --python '>=3.11' .venv; \
	else $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "detente needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=/path/to/python3.11")' \
	&& $(PYTHON) -m venv .venv; fi

# Stamps: installed with this pyproject.toml and these pins
.venv/.core: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing detente into .venv (once; about a minute)" >&2
	@$(call INSTALL,.)
	@touch $@

.venv/.all: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing detente with every extra into .venv (once; about two minutes)" >&2
	@$(call INSTALL,'.[$(EXTRAS)]')
	@touch .venv/.core $@
