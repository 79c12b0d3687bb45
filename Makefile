# Every target is one line of work; `make help` lists them.
GO ?= go
BIN := bin/grove-migrate
FUZZTIME ?= 10s
MUTANTS ?= 200

.PHONY: help build install demo test test-long lint race mutate fuzz bench corpus corpus-apply e2e dist test-dist reproduce site notes

## Use

help: ## list the targets
	@awk -F ':.*## ' '/^## /{print (n++ ? "\n" : "") substr($$0, 4)} /^[a-z0-9-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/grove-migrate
	$(GO) build -o $(BIN) ./cmd/grove-migrate

install: ## install grove-migrate where Go installs commands
	$(GO) install ./cmd/grove-migrate

demo: build ## show the main job on a copy of the fixture workspace
	@fixtures/demo.sh $(abspath $(BIN))

site: ## build the documents as a site, in site/
	packaging/site.sh

## Check

test: ## run all tests that need no network, and say what was left out for want of a program
	@GO='$(GO)' fixtures/test.sh -timeout 30m ./...

test-long: ## run them with all kills, all interpreters and all orders of steps
	GROVE_MIGRATE_LONG=1 $(MAKE) test

lint: ## format, vet, staticcheck, dead code and shellcheck
	@.ci/lint

race: ## run the tests with the race detector
	GROVE_MIGRATE_LONG= $(GO) test -race -short -timeout 30m $$($(GO) list ./... | grep -v '/venv$$')
	GROVE_MIGRATE_LONG= $(GO) test -race -short -timeout 30m -run 'TestUpdate$$|AtOnce|Tricked' ./venv

fuzz: ## run every fuzz target for FUZZTIME (10s)
	@fixtures/fuzz.sh $(FUZZTIME)

mutate: ## make MUTANTS (200) small wrong changes, in PACKAGES or anywhere, and list what no test notices
	MUTANTS=$(MUTANTS) $(GO) test -tags mutate -count=1 -timeout 10h -run TestMutants -v ./architecture

bench: build ## measure speed as ratios in one run, on the checkouts in CORPUS too
	CORPUS='$(abspath $(CORPUS))' ASTGREP='$(abspath $(ASTGREP))' $(GO) test -run '^$$' -bench . -benchtime 1x -timeout 60m ./...
	$(GO) test -tags bench -timeout 20m -run TestRatios -v ./venv

corpus: ## scan the checkouts in CORPUS, and say what was found and what may be lost
	@CORPUS='$(abspath $(CORPUS))' LABELS='$(abspath $(LABELS))' $(GO) test -tags corpus -count=1 -timeout 60m -run TestCorpus ./fixtures/corpus -v

corpus-apply: ## migrate a copy of each checkout in CORPUS, every site decided, and parse what changed
	CORPUS='$(abspath $(CORPUS))' $(GO) test -tags corpus -count=1 -timeout 2h -run TestApply ./fixtures/corpus $(if $(V),-v)

e2e: ## build real environments from the package indexes, and in a container
	$(GO) test -tags e2e -count=1 -timeout 40m -run 'Real|Migrated' -v ./venv ./cmd/grove-migrate

## Release

dist: ## static programs, wheels, man pages and the rest of a release, in dist/
	packaging/dist.sh

test-dist: ## try what dist/ holds: installed, in containers, in hooks and pipelines
	$(GO) test -tags dist -count=1 -timeout 30m ./packaging

reproduce: ## make one architecture's release again elsewhere, and compare
	packaging/reproduce.sh

notes: ## print what the changelog says of the release TAG (v0.1.0)
	@packaging/notes.sh "$(TAG)"
