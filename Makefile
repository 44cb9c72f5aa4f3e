# drehbuch: build, test, install. `make help` lists the targets.
.SUFFIXES:
MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

ifeq ($(origin CC),default)
CC := cc
endif
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
VERSION := 0.1.0

PACKAGES := yaml-0.1 libpq libcurl libpcre2-8 jansson libcrypto libuv libarchive libgit2 libxml-2.0
# Looked up when first needed, so that targets which install packages work before they are there.
PACKAGE_CFLAGS = $(shell pkg-config --cflags $(PACKAGES))
PACKAGE_LIBS = $(shell pkg-config --libs $(PACKAGES)) -lm

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
OPTIMIZE ?= -O2 -g
SANITIZE ?=
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -DDREHBUCH_VERSION='"$(VERSION)"'
CFLAGS += -std=c17 $(OPTIMIZE) $(WARNINGS) $(SANITIZE) $(PACKAGE_CFLAGS) -MMD -MP
LDFLAGS += $(SANITIZE)

# `make VERBOSE=1` shows the commands themselves.
QUIET := $(if $(VERBOSE),,@)

ROOMS := base compiler compiler/import runtime runtime/inspect runtime/compare runtime/diff runtime/steps runtime/postgres runtime/filestore runtime/dump runtime/checkpoint runtime/leftovers runtime/http runtime/odoo runtime/report
LIBRARY_SOURCES := $(sort $(foreach room,$(ROOMS),$(wildcard $(room)/*.c)))
CLI_SOURCES := $(sort $(wildcard cli/*.c))
LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/schemas/embedded.o \
    $(BUILD)/runtime/odoo/harness/embedded.o
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(BUILD)/%.o)

.PHONY: all
all: $(BUILD)/drehbuch ## build the program: build/drehbuch

$(BUILD)/drehbuch: $(CLI_OBJECTS) $(BUILD)/libdrehbuch.a
	@echo "cc $@"
	$(QUIET)$(CC) $(LDFLAGS) -o $@ $(CLI_OBJECTS) $(BUILD)/libdrehbuch.a $(PACKAGE_LIBS)

$(BUILD)/libdrehbuch.a: $(LIBRARY_OBJECTS)
	@echo "ar $@"
	$(QUIET)rm -f $@
	$(QUIET)ar rcs $@ $(LIBRARY_OBJECTS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "cc $@"
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The schemas and the catalogue of diagnostics are part of the program.
$(BUILD)/schemas/embedded.o: schemas/embedded.S $(wildcard schemas/*.json schemas/*.yaml) Makefile
	@mkdir -p $(@D)
	@echo "cc $@"
	$(QUIET)$(CC) -I. -c -o $@ $<

# So is what drehbuch has Odoo's shell do.
$(BUILD)/runtime/odoo/harness/embedded.o: runtime/odoo/harness/embedded.S $(wildcard runtime/odoo/harness/*.py) Makefile
	@mkdir -p $(@D)
	@echo "cc $@"
	$(QUIET)$(CC) -I. -c -o $@ $<

# Every tests/unit/NAME.c is a program of its own.
UNIT_TESTS := $(sort $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*.c)))

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libdrehbuch.a Makefile
	@mkdir -p $(@D)
	@echo "cc $@"
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-missing-field-initializers $(LDFLAGS) -o $@ $< $(BUILD)/libdrehbuch.a $(PACKAGE_LIBS) -lcmocka

# So is every tests/fuzz/NAME.c, with libFuzzer.
FUZZ_SECONDS ?= 300
FUZZ_BUILD := build-fuzz
FUZZERS := $(sort $(patsubst %.c,$(FUZZ_BUILD)/%,$(wildcard tests/fuzz/*.c)))

$(FUZZ_BUILD)/tests/fuzz/%: tests/fuzz/%.c $(FUZZ_BUILD)/libdrehbuch.a Makefile
	@mkdir -p $(@D)
	@echo "cc $@"
	$(QUIET)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_BUILD)/libdrehbuch.a $(PACKAGE_LIBS)

C_FILES := $(wildcard $(addsuffix /*.[ch],$(ROOMS) runtime/odoo/harness cli schemas tests tests/unit tests/fuzz tests/bench))

.PHONY: unit test test-odoo demo bench crash
unit: $(UNIT_TESTS) ## run the unit tests alone
	@tests/run $(UNIT_TESTS)

test: ## run all tests, installing what they need
	@tools/install-dependencies build test
	@$(MAKE) programs
	@tests/run

test-odoo: ## run the tests with a real Odoo 19.0, fetching it once
	@tools/install-dependencies build test odoo
	@$(MAKE) all
	@tests/run tests/odoo/*.bats

demo: ## rehearse, approve and replay an example upgrade on a throw-away server
	@tools/install-dependencies build demo
	@$(MAKE) all
	@demo/run

bench: ## measure speed and memory against the yardsticks
	@tools/install-dependencies build test bench odoo
	@$(MAKE) programs
	@tests/bench/run

crash: programs ## kill runs at 190 random moments, 20 of them with a real Odoo, and resume or give them up
	@tests/crash/crash.py --executor 100 --backend 10 --postmaster 10
	@dump=$${DREHBUCH_DUMPS:-../shared/odoo}/acme_18.dump; tests/crash/logistics.py $$([ ! -f "$$dump" ] || echo --dump "$$dump")
	@tests/odoo/kill.py --kills 20

# Everything that tests/run executes.
.PHONY: programs
programs: all $(UNIT_TESTS)

.PHONY: lint format
lint: ## check format, layers, shell scripts and C (cppcheck, clang-tidy)
	@tools/install-dependencies build test lint
	@tools/lint $(C_FILES)

format: ## format the C files
	clang-format -i $(C_FILES)

.PHONY: sanitize valgrind fuzz
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
sanitize: ## run the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) BUILD=build-sanitize SANITIZE="$(SANITIZERS)" OPTIMIZE="-O1 -g" programs
	@BUILD=build-sanitize tests/run

valgrind: programs ## run the unit tests under valgrind
	@tests/run --valgrind $(UNIT_TESTS)

fuzz: ## fuzz every reader of files, FUZZ_SECONDS (300) each
	@$(MAKE) CC=clang BUILD=$(FUZZ_BUILD) SANITIZE="$(SANITIZERS) -fsanitize=fuzzer-no-link" OPTIMIZE="-O1 -g" fuzzers
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

.PHONY: fuzzers
fuzzers: $(FUZZERS)

SHARE := $(DESTDIR)$(PREFIX)/share
.PHONY: install
install: all ## install to PREFIX (/usr/local), below DESTDIR
	install -D -m 755 $(BUILD)/drehbuch $(DESTDIR)$(PREFIX)/bin/drehbuch
	install -D -m 644 docs/drehbuch.1 $(SHARE)/man/man1/drehbuch.1
	install -D -m 644 completions/drehbuch.bash $(SHARE)/bash-completion/completions/drehbuch
	install -d $(SHARE)/drehbuch/schemas
	install -m 644 schemas/*.schema.json $(SHARE)/drehbuch/schemas

.PHONY: clean help
clean: ## remove what was built
	rm -rf $(BUILD) build-*

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/\1\t\2/p' Makefile | sort | expand -t 12

-include $(LIBRARY_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(UNIT_TESTS:%=%.d)
