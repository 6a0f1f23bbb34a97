# Two commands do everything on a fresh machine: `make verify` runs the main job, `make test` passes the tests.
# Both make the virtual environment first, if it is not there or out of date.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
INPUTS := 20000
ROOMS  := impl/crypto impl/card impl/codec impl/application_server impl/device impl/network model
EXTRAS := dev

.PHONY: help verify demo test suites crashes load lint bench cards endurance fuzz wires guided mutation mutants kills tables clean
.DEFAULT_GOAL := help

help: ## show what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("reperso needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

verify: $(READY) ## run the features on model and implementation; leaves build/report/report.html
	$(BIN)/reperso run --ics ics/modelled.yaml --ics ics/simulated.yaml --baseline ics/baseline.yaml -j 0 --report build/report

demo: $(READY) ## show one subscription change between processes over real sockets
	$(BIN)/python -m impl demo --folder $$(mktemp -d)

test: $(READY) lint ## pass every test: static checks, features on all systems, suites of the model, mutants, unit tests
	$(BIN)/python -m pytest features --sut modelled --sut simulated --sut shadowed --sut served
	$(BIN)/reperso suites --whole --output build/suites.json
	$(BIN)/reperso mutants --report build/mutants
	$(BIN)/python tests/fuzz/run.py --inputs 6500 --only codec.
	$(BIN)/python tests/fuzz/run.py --inputs 1000000 --only card.Uicc
	$(BIN)/python -m pytest tests -n auto --dist worksteal

lint: $(READY) ## format, style, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

mutants: $(READY) ## show that deliberately wrong systems are found out
	$(BIN)/reperso mutants --report build/mutants

suites: $(READY) ## for a night: pairs of events, faults in every state and the W-method, on the implementation
	$(BIN)/reperso suites --kind pair --kind fault
	$(BIN)/reperso suites --kind pair --kind fault -D acknowledgement=yes
	$(BIN)/reperso suites --kind target
	$(BIN)/reperso suites --kind target -D acknowledgement=yes
	$(BIN)/reperso suites --whole -D acknowledgement=yes

crashes: $(READY) ## for a night: every moment of every party, pairs of them, every order of requests at once
	$(BIN)/reperso crashes --stride 1
	$(BIN)/reperso crashes --stride 500 --pairs
	$(BIN)/reperso interleavings --most 5000

load: $(READY) ## for a night: two thousand users change, then five hundred while processes die, lines are cut and disks are full
	$(BIN)/reperso load --cards 2000 --at-once 40 --output build/load.json
	$(BIN)/reperso load --cards 500 --kill all --cut all --fill all --output build/load-kills.json

kills: $(READY) ## for a night, goes on where it was stopped: every planted fault against every technique, in build/kills
	$(BIN)/reperso run --report build/kills
	$(BIN)/reperso mutants -j 0 --resume --report build/kills --technique features --technique lockstep --technique suites --technique crashes --technique learning

tables: $(READY) ## for a night: every mutant of every table of the model, against a suite that has to notice it
	$(BIN)/reperso mutants --tables

bench: $(READY) ## measure; prints ratios, judges nothing
	@for benchmark in $(filter-out %/measure.py,$(wildcard benchmarks/*.py)); do echo "== $$benchmark"; $(BIN)/python $$benchmark; done

cards: $(READY) ## load ten million cards in the store and find some, for a night
	$(BIN)/python benchmarks/store.py --load 10000000 --cards 10000000

endurance: $(READY) ## a hundred thousand changes, for a night: what stays resident of each
	$(BIN)/python benchmarks/endurance.py --changes 100000

mutation: ## change the code of ROOMS in every small way, for a night: which change does no test see?
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutation]'
	$(BIN)/python tests/mutation/run.py $(ROOMS)

fuzz: $(READY) ## hostile octets for everything that reads; INPUTS=100000 for each target, for a night
	$(BIN)/python tests/fuzz/run.py --inputs $(INPUTS)

wires: $(READY) ## a million hostile messages for every protocol on a socket, for a night: they change nothing
	$(BIN)/python tests/fuzz/run.py --inputs 1000000 --only wires.

guided: $(READY) ## the same inputs by coverage (atheris): what reached something new is altered further, for a night
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[guided]'
	$(BIN)/python tests/fuzz/guided.py --inputs $(INPUTS)

clean: ## remove what was made
	rm -rf build $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
