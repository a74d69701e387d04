# SPDX-License-Identifier: Apache-2.0
# Programs that go wrong on purpose; unit tests of sealing run them.

$(BUILD)/faulty/gpg: tests/faulty/replayed_gpg.c
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $<

unit-programs: $(BUILD)/faulty/gpg
