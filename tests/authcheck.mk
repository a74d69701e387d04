# SPDX-License-Identifier: Apache-2.0
# authcheck: asks khatm-authenticator about one client or many; tests/spf/suite and tests/dkim/cases run it.

AUTHCHECK_PARTS := sender config policy helper base
AUTHCHECK_LIBS  := $(foreach f,$(AUTHCHECK_PARTS),$(BUILD)/lib$f.a)
$(BUILD)/tests/authcheck: tests/support/authcheck.c $(BUILD)/inc/unit/.made $(AUTHCHECK_LIBS)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(UNIT_FLAGS) $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $< \
	   -Wl,--start-group $(AUTHCHECK_LIBS) -Wl,--end-group \
	   $(shell $(PKGCONF) --libs $(sort $(foreach f,$(AUTHCHECK_PARTS),$(pkgs_$f)))) -lpthread

unit-programs: $(BUILD)/tests/authcheck
