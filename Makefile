# Every target works from a fresh clone: Go fetches what it needs.
GO      ?= go
CASES   ?= ../shared/cases
# Families of acceptance cases that have been delivered; `make acceptance ONLY='*'` plays them all.
ONLY    ?=

.PHONY: build demo test vet lint cross fuzz bench oracle differential reload acceptance generate clean

build: ## the binary, in bin/
	$(GO) build -o bin/gindoctor ./cmd/gindoctor

demo: build ## find what is wrong with a broken sample service, and free the port its leftover holds
	$(GO) run ./demo bin/gindoctor

test: ## all tests that need no network
	$(GO) mod download
	$(GO) test ./...

vet:
	$(GO) vet ./...
	$(GO) vet -tags oracle ./oracle
	$(GO) vet -tags differential $(DIFFERENTIAL)
	$(GO) vet -tags reload ./reload

lint: ## staticcheck, at the version that go.mod pins
	$(GO) tool staticcheck ./...

cross: ## the other systems build and vet cleanly
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...

FUZZTIME ?= 5000x
fuzz: ## a short fuzz of each parser
	GO=$(GO) FUZZTIME=$(FUZZTIME) sh scripts/fuzz.sh

bench: ## a table of ratios, measured in one run
	$(GO) test -run "^$$$$" -bench . -benchtime 1x ./bench

oracle: ## mutated real modules against go mod tidy, go list and go build; random routes against the real gin (long; needs the module proxy once)
	$(GO) test -tags oracle -timeout 60m ./oracle

reload: ## broken projects of our own: found, mended, reloaded by the real air, and put back (fetches air and Gin once)
	$(GO) test -tags reload -timeout 15m -v ./reload

# Packages whose rules are held against the real tool. A test says so where its tool is not installed.
DIFFERENTIAL = ./target/watcher/air ./checks/deploy ./checks/limit

differential: ## our rules against the real tools: air, of several versions (fetches them once), and nginx
	$(GO) test -tags differential -timeout 20m -run Differential -v $(DIFFERENTIAL)

acceptance: build ## play the acceptance cases, where they are at hand
	GO=$(GO) CASES=$(CASES) ONLY='$(ONLY)' sh scripts/acceptance.sh

generate: ## refresh what is made from the checks: docs/checks.md and the golden files
	$(GO) test ./docs ./report -update

clean:
	rm -rf bin
