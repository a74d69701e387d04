# SPDX-License-Identifier: Apache-2.0
# make measure-fingerprints: the tables of docs/fingerprints.md, some minutes.

FINGERPRINT_FLAGS = -iquote $(BUILD)/inc/unit $(shell $(PKGCONF) --cflags $(UNIT_PKGS) | sed 's/-I/-isystem /g')
fingerprint_sources := $(wildcard tests/fingerprint/*.c)

.PHONY: measure-fingerprints
measure-fingerprints: $(BUILD)/fingerprint/measure
	$(Q)$<

$(BUILD)/fingerprint/measure: $(fingerprint_sources) $(wildcard tests/fingerprint/*.h) $(BUILD)/inc/unit/.made $(UNIT_LIBS)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(FINGERPRINT_FLAGS) $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $(fingerprint_sources) \
	   -Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(shell $(PKGCONF) --libs $(UNIT_PKGS)) \
	   $(foreach f,$(FOLDERS),$(libs_$f)) -lpthread -lm
