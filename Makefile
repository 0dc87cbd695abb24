# Everything is done by `make`: each target does its own set-up. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# Two at a time, then those that a neighbour would disturb; pytest exits with 5 where ARGS leave one of the two nothing.
define run_tests
	@$(BIN)/pytest -n 2 --dist loadfile -m "($(1)) and not alone" $(ARGS) || [ $$? -eq 5 ]
	@$(BIN)/pytest -m "($(1)) and alone" $(ARGS) || [ $$? -eq 5 ]
endef

.PHONY: help setup setup-dev demo firmware fuzz test test-all test-compose lint bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.setup ## what a user needs: leaves .venv/bin/pixelopolis
setup-dev: $(VENV)/.setup-dev ## what a developer needs besides: TensorFlow, test tools, a browser

$(VENV)/.setup: pyproject.toml constraints.txt scripts/setup.sh
	@PYTHON=$(PYTHON) scripts/setup.sh run
	@touch $@

$(VENV)/.setup-dev: $(VENV)/.setup
	@PYTHON=$(PYTHON) scripts/setup.sh dev
	@touch $@

demo: setup ## the whole system on this machine; ARGS="--cars 2 --trips 5"
	@$(BIN)/pixelopolis demo $(ARGS)

firmware: ## the motor boards' programs, .elf and .bin, in firmware_bridge/firmware/build
	@scripts/setup.sh firmware
	@$(MAKE) --no-print-directory -C firmware_bridge/firmware boards

fuzz: ## look for inputs that break the motor board's program; ARGS="FUZZ_SECONDS=600"
	@scripts/setup.sh fuzz
	@$(MAKE) --no-print-directory -C firmware_bridge/firmware fuzz $(ARGS)

test: setup-dev ## the tests, without the slow ones
	$(call run_tests,not slow)

test-all: setup-dev ## all tests, but those that need Docker
	$(call run_tests,not compose)

test-compose: setup-dev ## a fleet in containers, on a Docker engine that is there or is brought up for it (root, Debian)
	@scripts/test_compose.sh $(ARGS)

lint: setup-dev ## style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup ## speed, side by side with the baselines
	@$(BIN)/pixelopolis bench $(ARGS)

clean: ## remove what the other targets made
	@$(MAKE) --no-print-directory -C firmware_bridge/firmware clean
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
