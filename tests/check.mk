# SPDX-License-Identifier: Apache-2.0
# The tests as targets. `check` is all of them but the chroot; tests/run does the counting.

SAN_CHECK := address,undefined
SAN_BUILD := build/address-undefined

.PHONY: deps check check-e2e check-lint check-fresh sanitized
deps:
	$(Q)contrib/debian/install-packages
	$(Q)contrib/debian/unpack-packages build/sendmail

sanitized:
	$(Q)$(MAKE) --no-print-directory SAN=$(SAN_CHECK) BUILD=$(SAN_BUILD) unit-programs

# Plain programs and sanitized ones: the unit tests and the end-to-end tests run on both.
check: unit-programs sanitized
	$(Q)tests/run --build $(BUILD) --sanitized $(SAN_BUILD) checks unit e2e

check-e2e: all
	$(Q)tests/run --build $(BUILD) e2e

check-lint:
	$(Q)tests/run --build $(BUILD) checks

# What has threads under ThreadSanitizer, end to end: the daemon, and the command that asks several servers. The helpers
# have none, and their sandbox no room for it.
THREADS_BUILD := build/threads
.PHONY: check-threads
check-threads: all
	$(Q)$(MAKE) --no-print-directory SAN=thread BUILD=build/thread build/thread/khatmd build/thread/khatm
	$(Q)mkdir -p $(THREADS_BUILD) && cp $(PROGRAMS:%=$(BUILD)/%) $(THREADS_BUILD)/ && cp build/thread/khatmd build/thread/khatm $(THREADS_BUILD)/
	$(Q)tests/run --build $(THREADS_BUILD) e2e

# What left sealed, in mail programs with windows; needs tests/clients/packages. Pictures of the screen in build/clients.
.PHONY: check-clients
check-clients: all
	$(Q)KHATM_BUILD=$(BUILD) /usr/bin/python3 -m pytest -p no:cacheprovider -q --tb=short tests/clients

# Mail of all kinds for SOAK_MINUTES: none lost or doubled, a record of each, memory as at the start.
SOAK_MINUTES ?= 30
.PHONY: soak
soak: all
	$(Q)KHATM_BUILD=$(BUILD) tests/soak/soak --minutes $(SOAK_MINUTES)

check-fresh:
	$(Q)tests/chroot/run

# How each file is compiled, for the checks: folder, source, flags as the shell would read them.
.PHONY: compile-lines
compile-lines: $(foreach f,$(FOLDERS),$(BUILD)/inc/$f/.made) $(REPLIES)
	$(file >$(BUILD)/compile-lines)
	$(foreach f,$(FOLDERS),$(foreach s,$(src_$f),$(file >>$(BUILD)/compile-lines,$f|$s|$(BASEFLAGS) $(cflags_$f))))
