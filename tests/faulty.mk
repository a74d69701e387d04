# SPDX-License-Identifier: Apache-2.0
# Programs that go wrong on purpose; unit tests of sealing run them.

FAULTY_PARTS := sealer helper base
FAULTY_LIBS  := $(foreach f,$(FAULTY_PARTS),$(BUILD)/lib$f.a)

$(BUILD)/faulty/gpg: tests/faulty/replayed_gpg.c
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(OPTIMISE) $(WARN) $(CFLAGS) $(LDFLAGS) -o $@ $<

$(BUILD)/faulty/gpgme_faults.o: tests/faulty/gpgme_faults.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(CFLAGS) $(shell $(PKGCONF) --cflags gpgme | sed 's/-I/-isystem /g') -c -o $@ $<

# Its calls of GPGME go where gpgme_faults.c stands in front of them.
$(BUILD)/faulty/khatm-sealer: $(BUILD)/faulty/gpgme_faults.o $(FAULTY_LIBS)
	$(call say,TEST,$@)
	$(Q)$(CC) $(BASEFLAGS) $(LINKFLAGS) $(LDFLAGS) $$(nm $< | sed -n 's/.* T __wrap_/-Wl,--wrap=/p') -o $@ $< \
	   -Wl,--start-group $(FAULTY_LIBS) -Wl,--end-group $(foreach p,$(FAULTY_PARTS),$(call libs_of,$p))

unit-programs: $(BUILD)/faulty/gpg $(BUILD)/faulty/khatm-sealer
