# SPDX-License-Identifier: Apache-2.0
#
# make            build/thapcanh and its tools
# make deps       installs what is missing (Debian packages)
# make run        everything: install, build, start, replay nine months, report
# make tonight    one more attack, played live on what `make run` started
# make stop       stops what `make run` started
# make test       all tests; make unit: unit and case tests of this build
# make fuzz       every harness with libFuzzer (clang), FUZZ_SECONDS=60 each;
#                 HARNESS=json: only those whose name has it
# make soak       the fault tests in their long form; SEED=n repeats a run
# make mutants    breaks the code on purpose, line by line: a test must notice
# make lint       the gates of the house style
# make bench      measures; asserts nothing
# make bench-tickets   the tickets made of real, labelled alerts (SHARED=DIR)
# make bench-rules     what rules cost (RULES=DIR EVENTS=FILE); make bench-peers:
#                      beside another engine, which it installs
# make install    DESTDIR=, PREFIX=/usr/local
# make clean      removes build/; make clean-data: what `make run` keeps
#
# SANITIZE=address,undefined or SANITIZE=thread builds beside it.

SANITIZE ?=
PREFIX ?= /usr/local
comma := ,
BUILD := build$(if $(SANITIZE),/$(subst $(comma),-,$(SANITIZE)))

ifeq ($(origin CC),default)
CC := gcc
endif
CPPFLAGS += -D_GNU_SOURCE -Iinclude -I.
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual \
  -Wwrite-strings -Wformat=2 -Wvla -Wundef -Wswitch-enum -Werror
CWARN := $(WARN) -Wstrict-prototypes -Wmissing-prototypes
CFLAGS ?= -O2 -g
CFLAGS += -std=c11 -pthread -fno-omit-frame-pointer -fstack-protector-strong
CXXFLAGS ?= -O2 -g
CXXFLAGS += -std=c++17 -pthread -fno-omit-frame-pointer -fstack-protector-strong
LDLIBS := -lrdkafka -lhiredis -lyaml -lmaxminddb -lsimdjson -lsodium -lpcre2-8 \
  -lcurl -lmicrohttpd -lm
# No memory ends the process: base/memory.c.
LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
ifneq ($(SANITIZE),)
CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
CXXFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SANITIZE)
endif

FOLDERS := base model ingest correlate respond report console
SRC := $(wildcard $(FOLDERS:%=%/*.c))
OBJ := $(SRC:%.c=$(BUILD)/%.o) $(patsubst %.cc,$(BUILD)/%.o,$(wildcard base/*.cc))
MAIN := $(patsubst %.c,$(BUILD)/%.o,$(wildcard daemon/*.c))
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

SAMPLE := $(patsubst %.c,$(BUILD)/%.o,$(wildcard deploy/sample/*.c))

all: $(BUILD)/thapcanh $(BUILD)/thapcanh-sample

$(BUILD)/thapcanh: $(MAIN) $(OBJ)
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS)

# The nine months of `make run`; no part of the product.
$(BUILD)/thapcanh-sample: $(SAMPLE) $(OBJ)
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(CWARN) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) $(WARN) -MMD -MP -c -o $@ $<

# Unit tests see the commands too; main itself is the program's.
$(BUILD)/libthapcanh.a: $(OBJ) $(filter-out %/daemon/main.o,$(MAIN))
	@rm -f $@
	ar rcs $@ $^

# Criterion's own macros do not pass -Wconversion and -Wpedantic.
$(BUILD)/tests/%.o: tests/unit/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wall -Wextra -Wshadow -Werror -MMD -MP -c -o $@ $<

# Only ThreadSanitizer's build needs them: the files say why.
THREAD := $(if $(filter thread,$(SANITIZE)),$(BUILD)/tests/criterion_thread.o \
  $(BUILD)/tests/c11_thread.o)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(THREAD) $(BUILD)/libthapcanh.a
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS) -lcriterion

# The service with the points of base/fault.h at which it ends itself, and the
# clock that a test may step: for tests/system/test_faults_*.sh.
FAULTY := $(patsubst %.c,$(BUILD)/faults/%.o,base/fault.c base/memory.c \
  base/redis.c base/kafka_producer.c $(wildcard base/stage*.c))

$(BUILD)/faults/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DTHAPCANH_FAULTS $(CFLAGS) $(CWARN) -MMD -MP -c -o $@ $<

$(BUILD)/thapcanh-faults: $(MAIN) $(FAULTY) \
  $(filter-out $(FAULTY:$(BUILD)/faults/%=$(BUILD)/%),$(OBJ))
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS)

$(BUILD)/clock_step.so: tests/system/clock_step.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(CWARN) -fPIC -shared -o $@ $<

faults: $(BUILD)/thapcanh-faults $(BUILD)/clock_step.so

# Hostile messages, and the ways to spoil bytes; no part of the product.
HOSTILE := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/hostile/*.c))

$(BUILD)/tests/test_hostile: $(BUILD)/tests/%: $(BUILD)/tests/%.o $(THREAD) \
  $(HOSTILE) $(BUILD)/libthapcanh.a
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS) -lcriterion

# Puts them on real topics, for tests/system/test_hostile.sh.
$(BUILD)/hostile: $(BUILD)/tests/system/hostile.o $(HOSTILE) $(BUILD)/libthapcanh.a
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS)

# Rules and events made by chance, and events made of rules: for tests and
# benchmarks of the matcher; no part of the product.
TOOLS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/tools/*.c))

$(BUILD)/tests/test_matcher_agree: $(BUILD)/tests/%: $(BUILD)/tests/%.o $(THREAD) \
  $(TOOLS) $(BUILD)/libthapcanh.a
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS) -lcriterion

# Every parser under hostile bytes: with a driver of our own here, a part of
# `make test`, and with libFuzzer for `make fuzz`.
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/file.o \
  $(BUILD)/tests/fuzz/driver.o $(BUILD)/tests/hostile/mutate.o \
  $(BUILD)/libthapcanh.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS)

$(BUILD)/fuzz/fuzz_match: $(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o \
  $(BUILD)/tests/fuzz/file.o $(BUILD)/tests/fuzz/driver.o \
  $(BUILD)/tests/hostile/mutate.o $(TOOLS) $(BUILD)/libthapcanh.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS)

$(BUILD)/libfuzzer/fuzz_match: $(BUILD)/libfuzzer/%: $(BUILD)/tests/fuzz/%.o \
  $(BUILD)/tests/fuzz/file.o $(TOOLS) $(BUILD)/libthapcanh.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -fsanitize=fuzzer -pthread -o $@ $^ $(LDLIBS)

$(BUILD)/libfuzzer/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/file.o \
  $(BUILD)/libthapcanh.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -fsanitize=fuzzer -pthread -o $@ $^ $(LDLIBS)

# These look at the sample from inside.
SAMPLE_TESTS := $(BUILD)/tests/test_sample $(BUILD)/tests/test_sample_words
$(SAMPLE_TESTS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(THREAD) \
  $(filter-out %/main.o,$(SAMPLE)) $(BUILD)/libthapcanh.a
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS) -lcriterion

# The benchmarks: programs of their own over the same archive.
BENCH := $(addprefix $(BUILD)/bench/,bench_consumer bench_service bench_stages \
  bench_pipeline bench_windows bench_latency)
$(BUILD)/bench/bench_pipeline: LDFLAGS += $(addprefix -Wl$(comma)--wrap=, \
  commit_finish commit_send consumer_poll correlate_ops feed_write geo_find \
  ingest_ops inventory_apply lane_peek lane_take producer_poll producer_send \
  redis_answered respond_ops route_ops source_map source_split stage_new \
  stage_run window_batch_flush)
$(BUILD)/bench/bench_pipeline: $(BUILD)/tests/bench/threads.o
$(BUILD)/bench/bench_windows: $(BUILD)/tests/bench/window_events.o
$(BENCH): $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/tests/bench/cpu.o \
  $(BUILD)/tests/bench/watch.o $(BUILD)/tests/bench/through.o \
  $(BUILD)/libthapcanh.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -pthread -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

SIGMA_BENCH := $(addprefix $(BUILD)/bench/,sigma_events bench_rules)
$(SIGMA_BENCH): $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o \
  $(BUILD)/tests/bench/cpu.o $(TOOLS) $(BUILD)/libthapcanh.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -pthread -o $@ $^ $(LDLIBS)

bench-programs: all $(BENCH) $(SIGMA_BENCH)

objects: $(OBJ) $(MAIN) $(SAMPLE)

unit-programs: $(UNIT)

fuzz-programs: $(FUZZ)

libfuzzer-programs: $(FUZZ:$(BUILD)/fuzz/%=$(BUILD)/libfuzzer/%)

unit: $(UNIT)
	@set -e; for t in $(UNIT); do $$t --short-filename; done

deps:
	@deploy/install.sh

run:
	@deploy/run.sh

tonight:
	@deploy/tonight.sh

stop:
	@deploy/stop.sh

test:
	@tests/run.sh

soak:
	@tests/soak.sh

mutants:
	@tests/mutants/mutants.sh $(MUTANT)

lint:
	@tests/lint/run.sh

fuzz:
	@tests/fuzz/fuzz.sh libfuzzer $(HARNESS)

bench:
	@tests/bench/bench.sh

bench-tickets: all
	@tests/bench/tickets.sh

bench-rules: $(SIGMA_BENCH)
	@tests/bench/sigma.sh

bench-peers: all $(SIGMA_BENCH)
	@tests/bench/sigma_peers.sh

install: all
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" deploy/put.sh

clean:
	rm -rf build

clean-data: stop
	rm -rf var/run var/sample var/data var/log var/thapcanh.yml

.PHONY: all faults objects bench-programs unit unit-programs fuzz fuzz-programs \
  libfuzzer-programs deps run tonight stop test soak mutants lint bench \
  bench-tickets \
  bench-rules bench-peers install clean clean-data
.SECONDARY:
-include $(FAULTY:.o=.d) $(SAMPLE:.o=.d) $(HOSTILE:.o=.d) $(TOOLS:.o=.d) $(wildcard $(BUILD)/tests/bench/*.d $(BUILD)/tests/fuzz/*.d $(BUILD)/tests/system/*.d) $(OBJ:.o=.d) $(MAIN:.o=.d) $(UNIT:=.d)
