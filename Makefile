# Weir. `make help` lists the targets. Needs a JDK 17 or later, Maven 3.8 or later and GNU make;
# a target that needs more says so and names it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

MVN := mvn -B -ntp
TOOLS := target/tools

BUF_VERSION := 1.75.0
BUF := $(TOOLS)/buf-$(BUF_VERSION)/node_modules/.bin/buf
GRPCURL_VERSION := 1.9.3
GRPCURL := $(TOOLS)/bin/grpcurl
NATS_VERSION := 2.10.29
NATS_SERVER := $(TOOLS)/bin/nats-server
PYTHON := $(TOOLS)/python/bin/python
PROTOC_GEN_GO_VERSION := 1.36.12
PROTOC_GEN_GO_GRPC_VERSION := 1.6.2
GO_PLUGINS := $(TOOLS)/protoc-gen-go-$(PROTOC_GEN_GO_VERSION)-$(PROTOC_GEN_GO_GRPC_VERSION).stamp

DATA ?= data
PORT ?=
DEMO_SECONDS ?=
DEMO_ARGS ?=
SOAK_BYTES ?= 4294967296
SOAK_KILLS ?= 50
SESSIONS ?= 1000

# How much the simulation does, and whether it prints all that happens (TRACE=true).
SEEDS ?= 10000
HAND_OVERS ?= 1000000
TRACE ?= false

# How much the audits of real servers do; the seed says what exactly.
ROUNDS ?= 25
FLIPS ?= 1000
BATCHES ?= 1000
CUTS ?= 200
SEED ?= 1

# The squeeze: the server's heap, seconds of each abuse, and which abuses; empty: all of them.
HEAP ?= 512m
SQUEEZE_SECONDS ?= 120
SQUEEZE_LOG ?= 4g
SQUEEZE_SENSORS ?= 1000000
ONLY ?=

# The heap of the server with many topics, sensors or partitions (empty: as much as each run needs), and how
# much of it is made.
SCALE_HEAP ?=
SCALE_PERCENT ?= 100
SCALE := ScaleTest\#largeServer* -Dweir.it.scale.percent=$(SCALE_PERCENT) -Dweir.it.seed=$(SEED)

# What bin/weir is built from; directories too, so that a deleted file counts as a change.
PROGRAM_SOURCES := pom.xml $(foreach m,proto common client service cli,$(m)/pom.xml) \
  $(shell find proto/src/main common/src/main client/src/main service/src/main cli/src/main 2>/dev/null)
PROGRAM := cli/target/weir.stamp

.PHONY: help demo run build install test one check interop grpcurl bench bench-full bench-program nats-server \
  soak drain sim hand-overs crash flips cuts strace-proof disk-full \
  scale-topics scale-sensors scale-partitions squeeze squeeze-short squeeze-can-fail audits-can-fail exhaustion fmt examples clean jdk-and-maven go-and-python

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## this machine's sensors through the log to a subscriber (DEMO_SECONDS=20)
	@bin/weir demo $(if $(DEMO_SECONDS),--seconds $(DEMO_SECONDS)) $(DEMO_ARGS)

run: build ## a server on this machine (DATA=data PORT=…)
	@bin/weir serve --data $(DATA) $(if $(PORT),--port $(PORT))

build: $(PROGRAM) ## what bin/weir runs, without tests or lint

$(PROGRAM): $(PROGRAM_SOURCES) | jdk-and-maven
	@tools/build-program

install: jdk-and-maven ## the artifacts into the local Maven repository
	@$(MVN) -q -Dweir.quick -DskipTests -pl cli -am install
	@echo "installed dev.weir:weir-{proto,common,client,service,cli} into the local Maven repository"

test: jdk-and-maven ## every test that needs only JDK, Maven and make
	@$(MVN) -Dweir.quick verify

one: jdk-and-maven ## the tests of one class (TEST=FeedTest, or TEST='FeedTest#method')
	@tools/one '$(TEST)'

check: jdk-and-maven ## format, lint, contract lint, dependencies, architecture rules
	@tools/require npm
	@echo "check: format"
	@$(MVN) -q -N spotless:check
	@echo "check: contract"
	@$(MAKE) --no-print-directory $(BUF)
	@cd proto && ../$(BUF) lint
	@echo "check: compiler warnings, Error Prone, dependencies, architecture rules"
# Classes from a build without lint would count as up to date.
	@rm -rf {common,client,service,fault-injection,cli,integration-tests,bench}/target/{classes,test-classes,maven-status}
	@$(MVN) -fae -Pcheck,bench -Dtest='*Architecture*' -Dsurefire.failIfNoSpecifiedTests=false test

interop: go-and-python build grpcurl $(GO_PLUGINS) $(TOOLS)/python.stamp ## grpcurl, Python and Go stubs against a running server
	@GRPCURL=$(CURDIR)/$(GRPCURL) PYTHON=$(CURDIR)/$(PYTHON) interop/run

grpcurl: $(GRPCURL) ## a pinned grpcurl in target/tools/bin; prints its path
	@echo $(CURDIR)/$(GRPCURL)

bench: bench-program ## Weir, NATS and Kafka side by side, in about a quarter of an hour
	@bench/run-compare

bench-full: bench-program ## the same for every target, with longer rounds; takes more than an hour
	@bench/run-compare --form full

# Without Go the comparison goes on, and names NATS as missing.
bench-program: build
	@$(MVN) -q -Pbench -Dweir.quick -DskipTests -pl bench -am package
	@command -v nats-server >/dev/null || $(MAKE) --no-print-directory nats-server \
	  || echo "bench: goes on without NATS; the table names it as missing" >&2

nats-server: $(NATS_SERVER) ## a pinned nats-server in target/tools/bin, for make bench; prints its path
	@echo $(CURDIR)/$(NATS_SERVER)

soak: jdk-and-maven ## the long fault runs: 4 GiB beside a stopped subscriber, 50 killed consumers and publishers
	@$(MVN) -Dweir.quick -pl integration-tests -am test \
	  -Dtest=StoppedSubscriberTest,DurableConsumerKillTest,SpoolKillTest -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dweir.it.stopped.bytes=$(SOAK_BYTES) -Dweir.it.kills=$(SOAK_KILLS) -Dweir.it.spool.kills=$(SOAK_KILLS)

drain: jdk-and-maven ## a server that is stopped under many sessions (SESSIONS=1000)
	@$(MVN) -Dweir.quick -pl integration-tests -am test -Dtest=DrainSpreadTest \
	  -Dsurefire.failIfNoSpecifiedTests=false -Dweir.it.drain.sessions=$(SESSIONS)

sim: jdk-and-maven ## seeds of simulated faults on virtual time (SEEDS=10000 SEED=1 TRACE=true)
	@tools/simulate 'SimulationTest#whateverFails_everythingPromisedHolds' -Dweir.sim.seeds=$(SEEDS) \
	  -Dweir.sim.seed=$(SEED) -Dweir.sim.trace=$(TRACE)

hand-overs: jdk-and-maven ## simulated readers that fall behind and catch up (HAND_OVERS=1000000 SEED=1)
	@tools/simulate TailCatchUpTest -Dweir.sim.handovers=$(HAND_OVERS) -Dweir.sim.seed=$(SEED) \
	  -Dweir.sim.trace=$(TRACE) $(if $(filter command line,$(origin SEEDS)),-Dweir.sim.seeds=$(SEEDS))

crash: build ## kills a loaded server again and again, and compares all books (ROUNDS=25 SEED=1)
	@tools/prove CrashTest -Dweir.it.crash.rounds=$(ROUNDS) -Dweir.it.seed=$(SEED)

flips: build ## flips bytes all over a data directory, and compares what is read (FLIPS=1000 SEED=1)
	@tools/prove ByteFlipTest -Dweir.it.flips=$(FLIPS) -Dweir.it.seed=$(SEED)

cuts: build ## harms the connections of clients in every way, and compares all books (CUTS=200 SEED=1)
	@tools/prove ConnectionFaultTest -Dweir.it.cuts=$(CUTS) -Dweir.it.seed=$(SEED)

strace-proof: build ## by a server's system calls: synced before acknowledged, failed calls (BATCHES=1000)
	@tools/require strace
	@tools/prove StraceTest -Dweir.it.strace.required=true -Dweir.it.strace.batches=$(BATCHES)

disk-full: build ## fills a server's file system of 64 MiB, frees some, publishes (needs root)
	@tools/prove FullDiskTest -Dweir.it.disk.mount=true

squeeze: build ## a small server under every abuse, honest clients beside (HEAP=512m SQUEEZE_SECONDS=120 ONLY=a,b)
	@tools/prove SqueezeTest -Dweir.it.squeeze.heap=$(HEAP) -Dweir.it.squeeze.seconds=$(SQUEEZE_SECONDS) \
	  -Dweir.it.squeeze.only=$(ONLY) -Dweir.it.squeeze.log=$(SQUEEZE_LOG) \
	  -Dweir.it.squeeze.sensors=$(SQUEEZE_SENSORS) -Dweir.it.seed=$(SEED)

squeeze-short: build ## the same in about three minutes (HEAP=512m ONLY=a,b)
	@tools/prove SqueezeTest -Dweir.it.squeeze.short=true -Dweir.it.squeeze.heap=$(HEAP) \
	  -Dweir.it.squeeze.only=$(ONLY) -Dweir.it.seed=$(SEED)

squeeze-can-fail: build ## the squeeze of servers without catch-up blocks, answers or catalogue bounded
	@tools/prove SqueezeCanFailTest -Dweir.it.squeeze.short=true -Dweir.it.squeeze.heap=256m \
	  -Dweir.it.squeeze.seconds=40 -Dweir.it.squeeze.log=512m -Dweir.it.seed=$(SEED)

scale-topics: build ## a server with 100,000 topics: memory, starts, stops, and an audit behind each (SCALE_HEAP=4g SCALE_PERCENT=100)
	@tools/prove $(SCALE) -Dweir.it.scale=topics -Dweir.it.scale.heap=$(or $(SCALE_HEAP),4g)

scale-sensors: build ## the same with 10,000,000 sensors in ten topics (SCALE_HEAP=4g SCALE_PERCENT=100)
	@tools/prove $(SCALE) -Dweir.it.scale=sensors -Dweir.it.scale.heap=$(or $(SCALE_HEAP),4g)

scale-partitions: build ## the same with 200 topics of 64 partitions (SCALE_HEAP=2g SCALE_PERCENT=100)
	@tools/prove $(SCALE) -Dweir.it.scale=partitions -Dweir.it.scale.heap=$(or $(SCALE_HEAP),2g)

audits-can-fail: build ## the same audits see a server without sync, duplicate, checksum or epoch check
	@tools/require strace
	@tools/prove AuditsCanFailTest -Dweir.it.strace.required=true -Dweir.it.seed=$(SEED)

exhaustion: build ## a server without heap, direct memory, threads or stack, on each kind of thread (threads: needs root)
	@tools/prove ExhaustionTest -Dweir.it.exhaustion.all=true

fmt: jdk-and-maven ## format the Java sources
	@$(MVN) -q -N spotless:apply

examples: build install ## build and run the programs under examples/
	@examples/run

clean: ## remove everything built
	@rm -rf target {proto,common,client,service,fault-injection,cli,integration-tests,bench}/target examples/*/target

jdk-and-maven:
	@tools/require java maven

go-and-python:
	@tools/require go python

$(BUF):
	@tools/require npm
	@npm install --silent --no-save --no-audit --no-fund --prefix $(TOOLS)/buf-$(BUF_VERSION) @bufbuild/buf@$(BUF_VERSION)

$(GRPCURL):
	@tools/require go
	@GOBIN=$(CURDIR)/$(TOOLS)/bin go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v$(GRPCURL_VERSION)

$(GO_PLUGINS):
	@tools/require go
	@rm -f $(TOOLS)/protoc-gen-go-*.stamp
	@GOBIN=$(CURDIR)/$(TOOLS)/bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v$(PROTOC_GEN_GO_VERSION)
	@GOBIN=$(CURDIR)/$(TOOLS)/bin go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v$(PROTOC_GEN_GO_GRPC_VERSION)
	@touch $@

$(NATS_SERVER):
	@tools/require go
	@GOBIN=$(CURDIR)/$(TOOLS)/bin go install github.com/nats-io/nats-server/v2@v$(NATS_VERSION)

$(TOOLS)/python.stamp: interop/requirements.txt
	@tools/require python
	@python3 -m venv --clear $(TOOLS)/python
	@$(PYTHON) -m pip install --quiet -r interop/requirements.txt
	@touch $@
