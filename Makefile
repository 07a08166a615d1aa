.DEFAULT_GOAL := help
.PHONY: help run test check bench campaign compiled gallery lock messages vendor
SHELL := /bin/bash

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## starts the product on http://localhost:8000/ (PORT=9000 for another port); needs Python 3.11+ alone
	@scripts/environment
	@exec .venv/bin/python manage.py run

test: ## everything: checks, then all tests on SQLite and PostgreSQL, in browsers too
	@scripts/setup-tests
	@.venv/bin/python scripts/test

check: ## the quick part: style, types, imports, migrations, catalogues, browser code
	@scripts/setup-tests checks
	@scripts/check

bench: ## the README's claims, measured on this machine
	@scripts/environment dev
	@.venv/bin/python scripts/bench

campaign: ## kills processes and networks under a thousand clicks, on SQLite and PostgreSQL (over an hour)
	@scripts/setup-tests
	@.venv/bin/python scripts/campaign $(OPTIONS)

compiled: ## the video room in machine code, for a fifth less of the processor; needs a C compiler (OPTIONS=--remove)
	@scripts/environment dev
	@.venv/bin/python scripts/compile $(OPTIONS)

gallery: ## pictures of the live page in every state: data/gallery/index.html
	@scripts/setup-tests
	@.venv/bin/python scripts/gallery $(OPTIONS)

lock: ## compiles requirements*.txt from requirements*.in (UPGRADE=--upgrade for newer versions)
	@scripts/lock $(UPGRADE)

messages: ## brings the message catalogues up to date with the code
	@scripts/setup-tests checks
	@.venv/bin/python scripts/catalogues --write

vendor: ## copies third-party browser files from npm again
	@scripts/vendor
