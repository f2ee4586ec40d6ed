# The program needs Go and nothing else. Git and make fetch and start it; what
# the tests need beyond that, scripts/install-test-deps.sh installs.

# One set of flags for building and testing, so that a cold machine compiles
# SQLite once and not twice.
export CGO_ENABLED = 0
export GOFLAGS := $(strip $(filter-out -trimpath,$(shell go env GOFLAGS)) -trimpath)

GO        = go
TEST      = $(GO) test
ARGS      =
# How long the long ones are: make calibrate RELEASES=500
RELEASES  = 2000
STORIES   = 20
SEED      = 0
KILLS     = 1000
INGEST    = 60s
EVENTS    = 200000
# The organisation that bench-org reads: made once, kept until make clean.
ORG       = --services 2000 --releases 1000000 --years 3 --seed 7 --end 2026-11-01
ORG_DB    = $(CURDIR)/dist/org/debrief.db
RACE      = ./internal/loop/... ./internal/store/... ./internal/api/... ./internal/web/... ./internal/cli/...
SHOTS     = $(CURDIR)/dist/screenshots
# Rooms that need a browser, and the story that wants the machine for itself.
BROWSER   = ./internal/web/...
STORY     = ./internal/story/...

.PHONY: build install demo test deps test-rooms test-browser test-story check vet staticcheck fmt fmt-check race \
	bench bench-ingest bench-org figures calibrate calibrate-patterns calibrate-story torture screenshots clean help

build: ## one static binary, ./debrief
	$(GO) build -ldflags "-s -w" -o debrief ./cmd/debrief

install: ## the same, into Go's bin folder
	$(GO) install -ldflags "-s -w" ./cmd/debrief

demo: build ## a shop, two releases, and the page that tells of them
	./debrief demo $(ARGS)

# A missing PostgreSQL or browser fails under DEBRIEF_TEST_ALL; without it,
# "go test ./..." skips what the machine cannot run and says so.
test: export DEBRIEF_TEST_ALL = 1
test: deps build ## everything, in the order in which a fault shows soonest
	@$(MAKE) --no-print-directory test-rooms
	@$(MAKE) --no-print-directory test-browser
	@$(MAKE) --no-print-directory test-story

deps: ## what the tests need: PostgreSQL, Prometheus, Alertmanager, Chromium
	@sh scripts/install-test-deps.sh

test-rooms:
	$(TEST) -timeout 8m $$($(GO) list ./... | grep -v -e /internal/web -e /internal/story)

test-browser:
	$(TEST) -timeout 4m -p 1 $(BROWSER)

test-story:
	$(TEST) -timeout 14m -p 1 $(STORY)

check: vet staticcheck fmt-check race ## what a reviewer would otherwise say by hand

vet:
	$(GO) vet ./...

staticcheck:
	$(GO) tool staticcheck ./...

fmt: ## write the formatting
	$(GO) tool gofumpt -l -w .

fmt-check:
	@out=$$($(GO) tool gofumpt -l .) || exit 1; \
	if [ -n "$$out" ]; then echo "not formatted (make fmt does it):"; echo "$$out"; exit 1; fi

race: export CGO_ENABLED = 1
race: ## where goroutines meet, under the race detector
	@sh scripts/install-test-deps.sh cc
	$(TEST) -race -timeout 15m -p 1 $(RACE)

bench: ## every benchmark once, long enough to compare
	$(TEST) -run '^$$' -bench . -benchmem ./...

bench-ingest: export DEBRIEF_TEST_ALL = 1
bench-ingest: deps ## sustained ingest over HTTP against the bare engine, answer times, live heap
	$(TEST) ./internal/api -run 'TestIngest$$' -v -count=1 -timeout 5h -ingest $(INGEST)
	$(TEST) ./internal/api -run 'TestIngest$$' -v -count=1 -timeout 24h -ingest.events $(EVENTS)

bench-org: export DEBRIEF_ORG = $(ORG_DB)
bench-org: build ## questions, review and brief over a million made-up releases
	@if ! [ -e $(ORG_DB).made ]; then mkdir -p $(dir $(ORG_DB)) && rm -f $(ORG_DB)* && \
		./debrief sample --facts $(ORG) --db $(ORG_DB) && touch $(ORG_DB).made; fi
	$(TEST) -run '^$$' -bench Org -timeout 1h ./internal/...

figures: build ## size, time to ready, idle memory
	@sh scripts/figures.sh

calibrate: ## the judge over thousands of made-up series; counts go into the docs
	$(TEST) ./internal/judge -run Calibrate -v -count=1 -timeout 5h -calibrate $(RELEASES)

calibrate-patterns: ## what reviews find of what was planted in 200 made-up organisations; counts go into the docs
	$(TEST) ./internal/story/taught -v -count=1 -timeout 5h -taught.calibrate 200

calibrate-story: export DEBRIEF_TEST_ALL = 1
calibrate-story: deps ## 20 releases with the fault and 20 without, drawn from a seed
	$(TEST) ./internal/story/tuesday -run Calibrate -v -count=1 -timeout 5h -releases $(STORIES) -seed $(SEED)

torture: export DEBRIEF_TEST_ALL = 1
torture: deps ## kill -9 in a loop, long
	DEBRIEF_KILLS=$(KILLS) $(TEST) ./internal/story/torture -v -count=1 -timeout 5h

screenshots: export DEBRIEF_TEST_ALL = 1
screenshots: deps ## every page in every state, both widths, light and dark
	DEBRIEF_SCREENSHOTS=$(SHOTS) $(TEST) -count=1 -timeout 10m -p 1 $(BROWSER)
	@ls $(SHOTS)

clean:
	rm -rf debrief dist debrief-demo

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18
