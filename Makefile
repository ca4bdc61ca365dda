# `make` lists the targets. CI calls these, so what passes here passes there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Pyright comes whole in its locked wheel; without this it asks whether there is a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help env run test lint format schema bench lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(VENV)/.installed ## make .venv from the lock; again only when the lock has changed

run: env ## serve the sample organization on the embedded store; PORT=8080 DATA=data
	$(BIN)/policygraph serve --dev --data $(or $(DATA),data) $(if $(PORT),--port $(PORT) )--sample samples/acme/organization.yaml

test: env ## run the tests; T=tests/unit runs some
	$(BIN)/pytest $(T)

lint: env ## check style, types, imports between layers, spelling, schemas
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/python -m api.schema > $(VENV)/schema.graphql
	@diff -u schema.graphql $(VENV)/schema.graphql \
		|| { echo 'schema.graphql is not what the code says: run `make schema`, commit it' >&2; exit 1; }

format: env ## rewrite the sources in the one style
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

schema: env ## write schema.graphql from the code
	$(BIN)/python -m api.schema > $(VENV)/schema.graphql
	cp $(VENV)/schema.graphql schema.graphql

bench: env ## measure what the documentation claims
	$(BIN)/python -m bench

# pip-compile keeps the pins that still fit: UPGRADE=1 moves all of them, UPGRADE=neo4j one.
# No line names an index, so each machine installs from the one that its pip is set up for.
COMPILE = CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet --no-config \
	--generate-hashes --allow-unsafe --strip-extras --no-emit-options --annotation-style line \
	$(if $(filter 1,$(UPGRADE)),--upgrade,$(addprefix --upgrade-package ,$(UPGRADE)))
DEV_GROUP = import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")

lock: env ## pin the dependencies in requirements/ anew; UPGRADE=1 all to the newest, or UPGRADE=name
	$(COMPILE) --only-build-deps --build-deps-for editable -o requirements/build.txt pyproject.toml
	$(COMPILE) --extra server -o requirements/server.txt pyproject.toml
	@# pip-compile cannot read a dependency group, so it gets ours as lines.
	$(BIN)/python -c '$(DEV_GROUP)' \
		| $(COMPILE) -o requirements/dev.txt requirements/build.txt requirements/server.txt -
	sed -i.bak -E 's/-r -(,|$$)/dependency group dev\1/' requirements/dev.txt
	rm requirements/dev.txt.bak

clean: ## remove what was built and cached, .venv too; DATA stays
	rm -rf $(VENV) build dist *.egg-info
	rm -rf .pytest_cache .ruff_cache .hypothesis .import_linter_cache .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.locked: requirements/dev.txt
	@$(PYTHON) -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "policygraph needs Python 3.11 or later with venv and pip; '$(PYTHON)' is not that:" >&2; \
		$(PYTHON) -c 'import sys; print(sys.version); import ensurepip, venv' >&2; \
		echo "Name one that is, as in: make env PYTHON=python3.12 (on Debian also: apt install python3-venv)" >&2; \
		exit 1; }
	@echo "Installing the locked dependencies into $(VENV)"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# Apart from the above: a change of pyproject.toml alone costs seconds.
$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
