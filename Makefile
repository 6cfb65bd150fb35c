# Two commands do everything on a fresh machine with Python 3.11+ and make:
#   make figures/phase_diagram.pdf     sets up .venv once and makes the figure
#   make test                          sets up .venv once and runs the tests
# Anything that `snakemake` can make, `make` passes on: make figures/load_uniformity.pdf
# Where the code is read-only, results and environment go elsewhere: make INTO=/scratch/me figures

INTO ?=
VENV ?= $(if $(INTO),$(INTO)/.venv,.venv)
CORES ?= all
PRESET ?=
BIN := "$(VENV)/bin"
space := $(subst ,, )
READY := $(subst $(space),\ ,$(VENV)/.ready)
# Snakemake asks for a home folder, be there one or not.
export HOME := $(or $(HOME),/nonexistent)
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) $(if $(INTO),--directory "$(INTO)") \
    $(if $(PRESET),--config preset=$(PRESET))

.PHONY: help env figures claims report site test test-slow lint lock FORCE

help:
	@sed -n '1,6p' Makefile | cut -c3-
	@echo "targets: figures claims atlas/index.html report site environment.sqsh test test-slow lint" \
	    "lock, and every figures/<name>.pdf"

env: $(READY)

# The lock names every version, so the environment is the same today and in five years.
$(READY): envs/requirements.lock pyproject.toml envs/setup.sh
	sh envs/setup.sh "$(VENV)"
	@touch "$@"

figures/%: FORCE $(READY)
	$(SNAKEMAKE) -- $@

atlas/% crates/% export/% results/%: FORCE $(READY)
	$(SNAKEMAKE) -- $@

# Runs are spent until the boundary is known well enough: docs/boundaries.md.
refined/%.pdf: FORCE $(READY)
	$(BIN)/layeratlas refine $* --cores $(CORES) $(if $(INTO),--root "$(INTO)") \
	    $(if $(PRESET),--preset $(PRESET))

figures claims: $(READY)
	$(SNAKEMAKE) -- $@

# Snakemake's report of the figures that are there; refused where one is missing or out of date.
report: $(READY)
	$(BIN)/layeratlas report $(if $(INTO),--root "$(INTO)") $(if $(PRESET),--preset $(PRESET))

# The site, in build/site: notebooks read what is made at smoke, the gallery shows PRESET's figures.
site: $(READY)
	$(BIN)/snakemake --cores $(CORES) --config preset=smoke -- \
	    $$($(BIN)/python -m layeratlas.site.building needs)
	$(BIN)/python -m layeratlas.site.building $(PRESET)

# The environment in one file, for places that count files: docs/clusters.md.
environment.sqsh environment.tar: $(READY)
	sh envs/pack.sh "$(VENV)" "$@"

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

# Each file in a process of its own: some fork, which is safe only before threads are started.
test-slow: $(READY)
	@for file in $$(grep -rlE 'pytest.mark.slow|marks=.*slow' tests --include='test_*.py'); do \
	    $(BIN)/python -m pytest -q -m slow $$file || exit 1; done

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint --config preset=smoke

# Rewrite the lock, and conda's form of it, from what is installed in .venv (after a deliberate
# upgrade there).
lock: $(READY)
	$(BIN)/python envs/lock.py

FORCE:
