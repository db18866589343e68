# The two commands of the README are `make demo` and `make test`; each does all its own set-up.
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# The first interpreter that is new enough; its version is checked again, with a message, by local/preflight.py.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/python
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

NEEDS_PYTHON = test -n "$(PYTHON)" || { echo "Platen needs Python 3.11 or newer and found none. Install one, or name \
	yours: make PYTHON=/path/to/python3" >&2; exit 2; }

LOCAL_ASSEMBLY := build/local/cdk.out/manifest.json
SOURCES := $(shell find infra functions shared -name '*.py' -o -name '*.json' -o -name '*.txt' -o -name '*.md')

.PHONY: help setup demo up down test check unit bench synth synth-local verify-aws agent-wheel lock docs nightly clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.complete build/runtime/.complete ## Everything the other targets need

$(VENV)/.complete: requirements/dev.txt edge/pyproject.toml local/preflight.py
	@$(NEEDS_PYTHON)
	@$(PYTHON) local/preflight.py
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable edge
	@touch $@

build/runtime/.complete: requirements/runtime.txt $(VENV)/.complete
	rm -rf build/runtime
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --target build/runtime -r requirements/runtime.txt
	@touch $@

build/generator/.complete: requirements/generator.txt $(VENV)/.complete
	rm -rf build/generator
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --target build/generator -r requirements/generator.txt
	@touch $@

$(LOCAL_ASSEMBLY): $(VENV)/.complete requirements/lambda.txt $(SOURCES)
	$(RUN) -m infra.app --stage local --out build/local/cdk.out
	@touch $@

synth-local: $(LOCAL_ASSEMBLY) ## Synthesize the app for the local stack

preflight:
	@$(NEEDS_PYTHON)
	@$(PYTHON) local/preflight.py
.PHONY: preflight

demo: preflight setup synth-local ## The main job, end to end; WALKS=<folder> for recordings of real printers
	$(RUN) -m local.demo $(if $(WALKS),--walks "$(WALKS)")

up: preflight setup synth-local ## Keep a local stack running and print curl lines for it
	$(RUN) -m local.up

down: ## End the stack of `make up`
	@if [ -x $(RUN) ]; then $(RUN) -m local.up --down; else echo "Nothing is up: nothing was set up here yet."; fi

check: setup ## Style, types, import contracts
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

unit: setup ## The fast tests: rules, repositories, contracts
	$(RUN) -m pytest -q -n 2 tests/unit tests/architecture

test: preflight check synth-local build/generator/.complete ## All tests, the demo last
	$(RUN) -m pytest -q -n 2 --dist loadfile --ignore=tests/e2e tests
	$(RUN) -m local.demo

nightly: preflight check synth-local synth build/generator/.complete ## All tests with many more examples, and the demo on recordings when WALKS is given
	HYPOTHESIS_PROFILE=nightly $(RUN) -m pytest -q -n 2 --dist loadfile --ignore=tests/e2e tests
	$(RUN) -m local.demo $(if $(WALKS),--walks "$(WALKS)")

bench: setup synth-local ## What the speed and cost claims rest on
	$(RUN) -m bench

synth: setup ## Templates of dev and prod, through cdk-nag and cfn-lint; needs no AWS account
	$(RUN) -m infra.check

verify-aws: setup ## Prove a deployed stack: STACK=Platen-dev [REGION=…] [LOCAL=1]; needs PLATEN_OPERATOR_KEY
	@test -n "$(STACK)" || { echo "Name the stack: make verify-aws STACK=Platen-dev REGION=eu-central-1" >&2; exit 2; }
	$(RUN) -m pytest -q --confcutdir=tests/e2e tests/e2e --stack "$(STACK)" $(if $(REGION),--region "$(REGION)") $(if $(LOCAL),--local)

agent-wheel: setup ## The agent's wheel and its SBOM, in dist/
	$(RUN) -m build --wheel --no-isolation --outdir dist edge
	$(RUN) -m local.sbom dist

docs: setup ## Write the generated files: OpenAPI, JSON Schemas, data dictionary, roles
	$(RUN) -m local.openapi
	$(RUN) -m local.schemas
	$(RUN) -m local.dictionary
	$(RUN) -m local.role_matrix

lock: ## Pin requirements/*.in again, with hashes (needs uv)
	cd requirements && for name in dev lambda agent runtime generator; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			$$(case $$name in (dev|generator) ;; (*) echo --constraint dev.txt;; esac) $$name.in --output-file $$name.txt || exit 1; done

clean: ## Remove what was built
	@if [ -x $(RUN) ]; then $(RUN) -m local.up --down; fi
	rm -rf build cdk.out dist .local $(VENV)
