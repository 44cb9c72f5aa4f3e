# drehbuch: build, test, install. `make help` lists the targets.
.SUFFIXES:

ifeq ($(origin CC),default)
CC := cc
endif
PREFIX ?= /usr/local
BUILD ?= build
VERSION := 0.1.0

PACKAGES := yaml-0.1 libpq libcurl libpcre2-8 jansson libcrypto libuv
# Looked up when first needed, so that targets which install packages work before they are there.
PACKAGE_CFLAGS = $(shell pkg-config --cflags $(PACKAGES))
PACKAGE_LIBS = $(shell pkg-config --libs $(PACKAGES))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
OPTIMIZE ?= -O2 -g
SANITIZE ?=
CPPFLAGS += -I. -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -DDREHBUCH_VERSION='"$(VERSION)"'
CFLAGS += -std=c17 $(OPTIMIZE) $(WARNINGS) $(SANITIZE) $(PACKAGE_CFLAGS) -MMD -MP
LDFLAGS += $(SANITIZE)

ROOMS := base compiler runtime runtime/steps runtime/postgres runtime/http runtime/report
LIBRARY_SOURCES := $(sort $(foreach room,$(ROOMS),$(wildcard $(room)/*.c)))
CLI_SOURCES := $(sort $(wildcard cli/*.c))
LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/schemas/embedded.o
CLI_OBJECTS := $(CLI_SOURCES:%.c=$(BUILD)/%.o)

.PHONY: all clean
all: $(BUILD)/drehbuch

$(BUILD)/drehbuch: $(CLI_OBJECTS) $(BUILD)/libdrehbuch.a
	$(CC) $(LDFLAGS) -o $@ $(CLI_OBJECTS) $(BUILD)/libdrehbuch.a $(PACKAGE_LIBS)

$(BUILD)/libdrehbuch.a: $(LIBRARY_OBJECTS)
	rm -f $@
	ar rcs $@ $(LIBRARY_OBJECTS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The schemas and the catalogue of diagnostics are part of the program.
$(BUILD)/schemas/embedded.o: schemas/embedded.S $(wildcard schemas/*.json schemas/*.yaml) Makefile
	@mkdir -p $(@D)
	$(CC) -I. -c -o $@ $<

# Unit tests: every tests/unit/NAME.c is a program of its own.
UNIT_TESTS := $(sort $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*.c)))

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libdrehbuch.a Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-missing-field-initializers $(LDFLAGS) -o $@ $< $(BUILD)/libdrehbuch.a $(PACKAGE_LIBS) -lcmocka

.PHONY: unit
unit: $(UNIT_TESTS)
	@status=0; for test in $(UNIT_TESTS); do $$test || status=1; done; exit $$status

clean:
	rm -rf $(BUILD)

-include $(LIBRARY_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(UNIT_TESTS:%=%.d)
