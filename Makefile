# The few verbs. Each sets up what it needs in .venv from nothing but Python >= 3.11; the shell's part lies in .ci/.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check format docs bench clean

BIN := .venv/bin
export PYTHON ?=
ARGS ?=

help:           ## say what there is
	@sed -n 's/^\([a-z]*\): .*## /make \1\t/p' Makefile

demo: .venv/.has-demo      ## a protected API, a tour of it, then API and Console left up to try (ONCE=1: only the tour)
	$(BIN)/python -m examples.demo $(if $(ONCE),--once)

test: .venv/.has-test      ## every test, on real servers, with coverage (ARGS="-k keys" for some)
	.ci/mariadb
	.ci/counters
	.ci/oidc-provider
	.ci/chromium
	.ci/test $(ARGS)

check: .venv/.has-check    ## the static checks; never writes
	.ci/check

format: .venv/.has-check   ## lay out the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: .venv/.has-docs      ## the documentation, in docs/_build/html
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

bench: .venv/.has-bench    ## us and others, measured side by side (ARGS="--quick", "peers server", "--write" …)
	.ci/mariadb
	$(BIN)/python -m benchmarks $(ARGS)

clean:                     ## back to a fresh checkout, .venv and all
	rm -rf .venv .nox build dist docs/_build .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp per dependency group: made anew whenever pyproject.toml asks for something else.
.venv/.has-%: pyproject.toml .ci/install | .venv/bin/python
	.ci/install $*
	@touch $@

.venv/bin/python:
	.ci/venv .venv
