# SPDX-License-Identifier: Apache-2.0
# spfcheck: asks khatm-authenticator about one client or many; the RFC 7208 suite (tests/spf/suite) is run with it.

SPFCHECK_LIBS := $(foreach f,sender config policy helper base,$(BUILD)/lib$f.a)
$(BUILD)/tests/spfcheck: tests/spf/spfcheck.c $(BUILD)/inc/unit/.made $(SPFCHECK_LIBS)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(UNIT_FLAGS) $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $< \
	   -Wl,--start-group $(SPFCHECK_LIBS) -Wl,--end-group \
	   $(shell $(PKGCONF) --libs $(sort $(foreach f,sender config policy helper base,$(pkgs_$f)))) -lpthread

unit-programs: $(BUILD)/tests/spfcheck
