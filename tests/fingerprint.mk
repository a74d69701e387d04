# SPDX-License-Identifier: Apache-2.0
# make measure-fingerprints: the tables of docs/fingerprints.md, some minutes.

FINGERPRINT_FLAGS = -iquote $(BUILD)/inc/unit $(shell $(PKGCONF) --cflags $(UNIT_PKGS) | sed 's/-I/-isystem /g')
fingerprint_sources := $(wildcard tests/fingerprint/*.c)

fingerprint_libs := $(foreach f,$(FOLDERS) core main,$(if $(src_$f),$(BUILD)/lib$f.a))
fingerprint_journal := $(addprefix tests/fingerprint/,change.c corpus.c journal/journal_under.c)
fingerprint_link = -Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(shell $(PKGCONF) --libs $(UNIT_PKGS)) \
                   $(foreach f,$(FOLDERS),$(libs_$f)) -lpthread -lm

.PHONY: measure-fingerprints
measure-fingerprints: $(addprefix $(BUILD)/fingerprint/,measure recognise cost)
	$(Q)$(BUILD)/fingerprint/measure
	$(Q)$(BUILD)/fingerprint/recognise
	$(Q)$(BUILD)/fingerprint/cost

$(BUILD)/fingerprint/measure: $(fingerprint_sources) $(wildcard tests/fingerprint/*.h) $(BUILD)/inc/unit/.made $(fingerprint_libs)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(FINGERPRINT_FLAGS) $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $(fingerprint_sources) $(fingerprint_link)

$(BUILD)/fingerprint/%: tests/fingerprint/journal/%.c $(fingerprint_journal) $(wildcard tests/fingerprint/*/*.h) $(BUILD)/inc/unit/.made $(fingerprint_libs)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(FINGERPRINT_FLAGS) -iquote tests/fingerprint $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(fingerprint_link)
