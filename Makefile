# Every target works from a fresh clone: Go fetches what it needs.
GO      ?= go
CASES   ?= ../shared/cases
# Families of acceptance cases that have been delivered; `make acceptance ONLY='*'` plays them all.
ONLY    ?=

.PHONY: build demo test vet lint cross fuzz bench oracle differential reload drill leaks prometheus acceptance generate clean

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
	$(GO) vet -tags drill ./drill/...
	$(GO) vet -tags leaks ./checks/verdict
	$(GO) vet -tags prometheus ./monitor

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

DRILLS ?= .
drill: ## drills on servers of every kind and under real watchers (fetches air, Gin and tableflip once)
	$(GO) test -tags drill -count=1 -timeout 40m -p 1 -v -run '$(DRILLS)' ./drill/...

# Packages whose rules are held against the real tool. A test says so where its tool is not installed.
DIFFERENTIAL = ./target/watcher/... ./target/project ./checks/deploy ./checks/limit

differential: ## our rules against the real tools: each watcher that installs here (fetched once), make and nginx; DIFFERENTIAL_SAMPLE=1 plays a few of each
	$(GO) test -tags differential -timeout 40m -run Differential -v $(DIFFERENTIAL)

leaks: ## servers that leak in one way each, against real peers (Debian: postgresql, redis-server), watched by the built binary (two minutes)
	$(GO) test -tags leaks -timeout 10m -parallel 40 -run FreshServers -v ./checks/verdict

prometheus: ## a real Prometheus scrapes `gindoctor monitor --listen` and fires the alert on a leaking server (Debian: prometheus)
	$(GO) test -tags prometheus -timeout 5m -run RealPrometheus -v ./monitor

acceptance: build ## play the acceptance cases, where they are at hand
	GO=$(GO) CASES=$(CASES) ONLY='$(ONLY)' sh scripts/acceptance.sh

generate: ## refresh what is made from the checks: docs/checks.md and the golden files
	$(GO) test ./docs ./report -update

clean:
	rm -rf bin
