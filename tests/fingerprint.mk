# SPDX-License-Identifier: Apache-2.0
# make measure-fingerprints: the tables of docs/fingerprints.md, about an hour. Needs soffice and pdftotext (libreoffice-writer,
# libreoffice-draw, poppler-utils) on top of what make deps installs, and 3 GB of disk.

FINGERPRINT_WORK := $(abspath $(BUILD))/fingerprint/work

FINGERPRINT_FLAGS = -iquote tests/unit -DKHATM_BUILD_DIR='"$(abspath $(BUILD))"' -DKHATM_SOURCE_DIR='"$(CURDIR)"' -iquote $(BUILD)/inc/unit $(shell $(PKGCONF) --cflags $(UNIT_PKGS) | sed 's/-I/-isystem /g')
fingerprint_sources := $(wildcard tests/fingerprint/*.c)

fingerprint_libs := $(foreach f,$(FOLDERS),$(if $(src_$f),$(BUILD)/lib$f.a))
fingerprint_journal := $(addprefix tests/fingerprint/,change.c corpus.c journal/journal_under.c)
fingerprint_link = -Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(shell $(PKGCONF) --libs $(UNIT_PKGS)) \
                   $(foreach f,$(FOLDERS),$(libs_$f)) -lpthread -lm

.PHONY: measure-fingerprints
measure-fingerprints: all $(addprefix $(BUILD)/fingerprint/,measure recognise cost letters converted)
	$(Q)$(BUILD)/fingerprint/measure
	$(Q)$(BUILD)/fingerprint/cost
	$(Q)rm -rf $(FINGERPRINT_WORK) && mkdir -p $(FINGERPRINT_WORK)/texts
	$(Q)$(BUILD)/fingerprint/recognise 100000 10000 1000 $(FINGERPRINT_WORK) keep
	$(Q)$(BUILD)/fingerprint/letters $(FINGERPRINT_WORK)/texts 200
	$(Q)tests/fingerprint/make-messages $(FINGERPRINT_WORK)/texts $(FINGERPRINT_WORK)
	$(Q)$(BUILD)/fingerprint/converted $(FINGERPRINT_WORK)/messages $(FINGERPRINT_WORK)

$(BUILD)/fingerprint/measure: $(fingerprint_sources) $(wildcard tests/fingerprint/*.h) $(BUILD)/inc/unit/.made $(fingerprint_libs)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(FINGERPRINT_FLAGS) $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $(fingerprint_sources) $(fingerprint_link)

$(BUILD)/fingerprint/%: tests/fingerprint/journal/%.c $(fingerprint_journal) $(wildcard tests/fingerprint/*/*.h) $(BUILD)/inc/unit/.made $(fingerprint_libs)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(FINGERPRINT_FLAGS) -iquote tests/fingerprint $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(fingerprint_link)
