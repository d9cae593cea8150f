# `make help` lists the targets. Everything installs into .venv, pinned by requirements.lock.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO := $(VENV)/demo-data

.PHONY: help install demo serve test test-paths lint format bench bench-peers docs lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

install: $(INSTALLED) ## a virtual environment with everything, pinned

# torch comes first and by itself: a looser order pulls gigabytes of CUDA packages.
$(INSTALLED): requirements.lock pyproject.toml setup.py client/pyproject.toml $(wildcard retriever/scoring/kernels/*.[ch])
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check "$$(grep '^torch==' requirements.lock)"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable . --editable ./client
	touch $@

demo: install ## ingest the sample PDFs, ask a question, show the cited answer
	PAGESIGHT_DATA_DIR=$(DEMO) $(BIN)/pagesight ingest samples -c samples
	@echo; echo '> $(QUESTION)'
	PAGESIGHT_DATA_DIR=$(DEMO) $(BIN)/pagesight ask "$(QUESTION)" -c samples

QUESTION ?= How tight do the bolts of the suction and discharge flanges on a KD-340 have to be?

serve: install ## the web page and the HTTP interface over the demo's data
	PAGESIGHT_DATA_DIR=$(DEMO) $(BIN)/pagesight serve

# One thread each: two test processes would otherwise fight for the cores.
test: install ## every test but the benchmarks
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# The tests that depend on the processor, as if it had no AVX2, no C compiler, bfloat16, other rounding:
# `tests/support/forced/sitecustomize.py`.
FORCED := tests/unit/retriever tests/unit/indexer/indexes tests/unit/indexer/encoders \
  tests/contracts/test_page_scorers.py tests/contracts/test_page_encoders.py \
  tests/integration/test_searcher.py tests/integration/test_search_against_oracle.py \
  tests/integration/test_derived.py tests/integration/test_compaction_runs.py \
  tests/integration/test_lite_encoder.py tests/integration/test_image_queries.py \
  tests/integration/test_visual_encoders.py tests/acceptance/test_search_engine.py \
  tests/acceptance/test_cli_over_samples.py tests/acceptance/test_server_over_samples.py

test-paths: install ## what depends on the processor, once for each kernel path and number format
	@set -e; for path in $$($(BIN)/python -c 'from retriever.scoring.kernels import available_paths as p; print(*p())'); do \
	  for dtype in float32 bfloat16; do \
	    echo "== $$path, $$dtype"; \
	    TEST_KERNEL_PATH=$$path TEST_DTYPE=$$dtype TEST_CLUSTER_SEED=3 OMP_NUM_THREADS=1 \
	      $(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(FORCED); \
	  done; \
	done

lint: install ## style, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install ## rewrite the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install ## measure: ingest, search, start-up; what tricks are worth; the search engine beside its peers
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks tricks
	$(BIN)/python -m tests.benchmarks.engine

bench-peers: install ## the same beside all peers, which it installs under build/bench (5 GB)
	$(BIN)/python -m tests.benchmarks.engine --install

docs: install ## write the generated pages: settings, cli, models, openapi.json
	$(BIN)/python -m tests.generate_docs

lock: ## pin every dependency anew, in a scratch environment
	rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet torch==2.13.0
	$(VENV)-lock/bin/pip install --quiet --editable '.[dev]'
	$(VENV)-lock/bin/pip freeze --exclude-editable | sed 's/+cpu$$//' > requirements.lock
	rm -rf $(VENV)-lock

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) build *.egg-info client/*.egg-info client/build retriever/scoring/kernels/*.so
