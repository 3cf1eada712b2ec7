# Everything that is typed in this repository. `make help` lists it; state goes to var/, Python to .venv/.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PORT ?= 8000
SSE_PORT ?= 8001
JOBS ?= 2
ARGS ?=
PYTHON ?= $(shell command -v python3.11 || command -v python3)

# Django and what it brings take seconds to compile: once, and not at every start of every process.
export PYTHONDONTWRITEBYTECODE :=

BIN := .venv/bin
PY := $(BIN)/python
PYTEST := $(PY) -m pytest
LANGUAGES := he pl
MO := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
NOT_SLOW := not browser and not faults and not scale

# A stamp that is a copy of the list: the same list again, whatever its date, installs nothing. Python compiles what it
# imports by itself, which is a small part of what pip would compile.
define install
	@$(PY) -c "" 2>/dev/null || $(PYTHON) -m venv --clear .venv
	@cmp -s requirements/$(1).txt .venv/.$(1).txt || { \
		echo "Installing requirements/$(1).txt into .venv ..." && \
		$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --requirement requirements/$(1).txt && \
		cp requirements/$(1).txt .venv/.$(1).txt; }
endef

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: runtime $(MO) ## First look: a demo shop on 127.0.0.1:PORT (8000), no server needed, Ctrl-C stops it
	@BASE_URL="$${BASE_URL:-http://127.0.0.1:$(PORT)}" DJANGO_SETTINGS_MODULE=config.settings.dev \
		exec env -u DATABASE_URL -u REDIS_URL -u CELERY_BROKER_URL $(PY) manage.py run_demo --port $(PORT) $(ARGS)

.PHONY: serve
serve: runtime $(MO) ## For work: the Procfile's processes against DATABASE_URL and REDIS_URL
	@PORT=$(PORT) SSE_PORT=$(SSE_PORT) exec $(PY) bin/serve.py

.PHONY: test
test: dev $(MO) ## All tests but browser, faults and scale
	@$(PYTEST) -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "$(NOT_SLOW)" $(ARGS)

# pytest comes last and alone, so that its summary is the last line anybody sees.
.PHONY: check
check: lint types contracts fresh chromium $(MO) ## Everything CI runs: lint, types, contracts, fresh docs, all tests
	@$(PYTEST) -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "$(NOT_SLOW)" $(ARGS)
	@$(PYTEST) -m "(faults or scale) and not browser" $(ARGS)
	@$(PYTEST) -m browser $(ARGS)

.PHONY: lint
lint: dev ## Style of Python and templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/djlint templates --lint --quiet

.PHONY: types
types: dev ## mypy --strict
	@$(BIN)/mypy

.PHONY: contracts
contracts: dev ## The direction of imports
	@$(BIN)/lint-imports

.PHONY: fresh
fresh: dev $(MO) ## System checks, no missing migration, generated docs up to date
	@$(PY) manage.py check --fail-level WARNING
	@SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))')" BASE_URL=https://returns.example.com \
		ALLOWED_HOSTS=returns.example.com DATABASE_URL=postgres://127.0.0.1/comeback REDIS_URL=redis://127.0.0.1/0 \
		SECURE_SSL_REDIRECT=1 $(PY) manage.py check --deploy --settings config.settings.production
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) manage.py write_docs --check

.PHONY: faults
faults: dev $(MO) ## Kill processes, brokers and databases, at full length
	@FULL=1 $(PYTEST) -m faults $(ARGS)

.PHONY: scale
scale: dev $(MO) ## Many rows and long runs, at full length
	@FULL=1 $(PYTEST) -m scale $(ARGS)

.PHONY: bench
bench: dev $(MO) ## Measure; figures go to docs/figures.md
	@$(PY) -m benchmarks $(ARGS)

.PHONY: docs
docs: dev $(MO) ## Write the generated docs: lifecycle, events, OpenAPI
	@$(PY) manage.py write_docs

.PHONY: messages
messages: dev ## Collect texts for translation (needs gettext)
	@$(PY) manage.py makemessages $(LANGUAGES:%=--locale %) --no-location --no-wrap --ignore '.venv' --ignore 'var'

.PHONY: format
format: dev ## Put Python into its form
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

.PHONY: lock
lock: dev ## Pin requirements/*.in into requirements/*.txt
	@test -x $(BIN)/uv || $(PY) -m pip install --quiet --disable-pip-version-check uv
	@for list in runtime extras dev; do \
		$(BIN)/uv pip compile --quiet --python-version 3.11 --no-emit-index-url --no-header --no-annotate \
			$$(test $$list = runtime || echo --constraint requirements/runtime.txt) \
			--output-file requirements/$$list.txt requirements/$$list.in || exit 1; \
	done

.PHONY: runtime
runtime:
	$(call install,runtime)

.PHONY: dev
dev: runtime
	$(call install,dev)

.PHONY: chromium
chromium: dev
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| $(PY) -m playwright install chromium

%.mo: %.po | runtime
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
