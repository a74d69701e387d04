# SPDX-License-Identifier: Apache-2.0
# make fuzz: every tests/fuzz/fuzz_NAME.c, FUZZ_SECONDS each, from and into tests/corpus/fuzz/NAME (new finds stay in
# the build tree). libFuzzer comes with clang. The corpora also run in the unit tests.

FUZZ_SECONDS ?= 60
FUZZ_BUILD   := build/fuzz
FUZZ_NAMES   := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_LIBS    := $(foreach f,$(FOLDERS),$(if $(src_$f),$(BUILD)/lib$f.a))

.PHONY: fuzz fuzz-programs
fuzz:
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=fuzzer-no-link,address,undefined BUILD=$(FUZZ_BUILD) fuzz-programs
	$(Q)for name in $(FUZZ_NAMES); do \
	   mkdir -p $(FUZZ_BUILD)/found/$$name; echo "fuzz $$name"; \
	   $(FUZZ_BUILD)/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=1 \
	      -artifact_prefix=$(FUZZ_BUILD)/$$name- $(FUZZ_BUILD)/found/$$name tests/corpus/fuzz/$$name || exit 1; done

fuzz-programs: $(FUZZ_NAMES:%=$(BUILD)/fuzz/%)

$(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c $(BUILD)/inc/unit/.made $(FUZZ_LIBS)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(UNIT_FLAGS) -fsanitize=fuzzer $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $< \
	   -Wl,--start-group $(FUZZ_LIBS) -Wl,--end-group $(shell $(PKGCONF) --libs $(UNIT_PKGS)) \
	   $(foreach f,$(FOLDERS),$(libs_$f)) -lpthread
