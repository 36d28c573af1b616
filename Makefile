SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help install up upgrade down status logs reset check test chaos bench format
PYTHON := .venv/bin/python
SOURCES := $(wildcard api db producer stream_job ops tests benchmarks)
MAVEN := mvn -q -B -f stream_job/connector/pom.xml

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## Install what is missing (system packages, environments, the connector)
	@ops/install.sh runtime

up: install ## Start everything, or repair what is not as it should be
	@$(PYTHON) -m ops up

upgrade: install ## Bring a running stack to this code: stop the job with a savepoint, migrate, go on
	@$(PYTHON) -m ops upgrade

down: ## Stop everything; the data stays
	@$(PYTHON) -m ops down

status: ## Show each program's state and address
	@$(PYTHON) -m ops status

logs: ## Follow the logs; one program's with PROGRAM=producer
	@$(PYTHON) -m ops logs $(PROGRAM)

reset: ## Stop everything and delete its data (asks; FORCE=1 does not)
	@$(PYTHON) -m ops reset $(if $(FORCE),--force)

check: ## Check format, lint and types
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy --strict $(SOURCES)
	$(MAVEN) spotless:check

format: ## Format Python and Java
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .
	$(MAVEN) spotless:apply

test: ## Run every check and test, against servers of their own
	@ops/install.sh test
	@$(MAKE) check
	$(PYTHON) -m pytest tests/unit tests/integration $(wildcard tests/browser) tests/chaos

chaos: ## Kill every server under load for MINUTES=10, on a stack of its own; count what is lost or doubled
	@ops/install.sh test
	@$(PYTHON) -m tests.chaos --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

bench: install ## Measure throughput and latency, on servers of its own
	$(PYTHON) -m benchmarks
