# Everything runs from .venv, which the first target that needs it builds from requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
RAW ?= raw
OUT ?= extracted
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help extract refresh review test lint bench bench-quality bench-cost bench-model bench-sizing train train-strength lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; run 'make PYTHON=python3.11 ...' to name one." >&2; exit 2; }
	@echo "Setting up $(VENV) (once; about a minute) ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

extract: $(STAMP) ## Clean the articles in raw/, extract their claims into extracted/, compare the sources, write reports
	@$(BIN)/claims extract $(RAW) -o $(OUT) --workers $(WORKERS); code=$$?; if [ $$code -eq 3 ]; then echo "make extract: some inputs could not be used; see $(OUT)/errors.jsonl" >&2; elif [ $$code -ne 0 ]; then exit $$code; fi
	@$(BIN)/claims reconcile $(OUT)
	@$(BIN)/claims report $(OUT)

refresh: $(STAMP) ## Bring extracted/ up to date with raw/ and its sources, keep the run, tell what changed
	@$(BIN)/claims refresh $(RAW) -o $(OUT) --workers $(WORKERS); code=$$?; if [ $$code -eq 3 ]; then echo "make refresh: some inputs could not be used; see above and $(OUT)/errors.jsonl" >&2; elif [ $$code -ne 0 ]; then exit $$code; fi

review: $(STAMP) ## Decide of the flags in extracted/ in a browser, on this machine alone
	@$(BIN)/claims review $(OUT)

test: $(STAMP) ## Run the tests
	@$(BIN)/python -m pytest -n 2

lint: $(STAMP) ## Check style, types and import layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: bench-quality bench-cost ## Measure everything; writes the tables of docs/benchmarks.md

bench-quality: $(STAMP) ## Measure quality on the public benchmarks, where they are at hand; fails below a floor
	@$(BIN)/python -m bench --doc docs/benchmarks.md

bench-cost: $(STAMP) ## Measure what it costs, how it grows, what it survives
	@$(BIN)/python -m bench.report --doc docs/benchmarks.md
	@$(BIN)/python -m bench.cost --doc docs/benchmarks.md
	@$(BIN)/python -m bench.incremental --doc docs/benchmarks.md
	@$(BIN)/python -m bench.scale
	@$(BIN)/python -m bench.fuzz --count $${CLAIMS_BENCH_FUZZ:-200} --doc docs/benchmarks.md
	@CLAIMS_SLOW_TESTS=1 $(BIN)/python -m pytest -q -n 0 tests/chaos/test_patterns.py

bench-model: $(STAMP) ## Measure the language model: trees, entities, links, speed
	@$(BIN)/python -m bench.model --doc pipeline/language/weights/MODEL_CARD.md

bench-sizing: $(STAMP) ## Measure what a cluster needs: cores, memory, storage
	@$(BIN)/python -m bench.sizing --doc docs/cluster.md

# Training has libraries of its own, so that what users install stays small. TORCH may name another build.
TRAIN := .venv-train
TORCH ?= torch==2.13.0
$(TRAIN)/.installed: pyproject.toml
	@echo "Setting up $(TRAIN) (once; some minutes) ..." >&2
	@test -x $(TRAIN)/bin/python || $(PYTHON) -m venv $(TRAIN)
	@$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check '$(TORCH)'
	@$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[train]'
	@touch $@

train: $(TRAIN)/.installed ## Train the language model (hours; goes on where it was stopped)
	@$(TRAIN)/bin/python -m pipeline.train

train-strength: $(TRAIN)/.installed ## Train a strength model on public data that must not ship, and measure it
	@$(TRAIN)/bin/python -m pipeline.train.strength full

lock: ## Pin the newest versions that pyproject.toml admits (needs uv)
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --group dev --extra cluster --extra parquet --extra pdf pyproject.toml --output-file requirements.lock --quiet

clean: ## Remove results and caches, keep .venv and the runs in history/
	@find $(OUT) -mindepth 1 -maxdepth 1 ! -name .gitkeep ! -name history -exec rm -rf {} +
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
