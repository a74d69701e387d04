# SPDX-License-Identifier: Apache-2.0
# Unit tests: every tests/unit/test_*.c is a program, linked with all folders. cmocka prints TAP; tests/run reads it.

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
# Every folder at once: what a folder may include is the business of the folder's own rule, not of its tests. An
# archive's main.o stays out, since the test's own main is there first.
UNIT_LIBS  := $(foreach f,$(FOLDERS),$(if $(src_$f),$(BUILD)/lib$f.a))
UNIT_PKGS  := $(sort $(foreach f,$(FOLDERS),$(pkgs_$f)))
UNIT_FLAGS = -iquote $(BUILD)/inc/unit -DKHATM_BUILD_DIR='"$(abspath $(BUILD))"' -DKHATM_SOURCE_DIR='"$(CURDIR)"' \
             $(shell $(PKGCONF) --cflags $(UNIT_PKGS) cmocka | sed 's/-I/-isystem /g') -Wno-unused-parameter

$(BUILD)/inc/unit/.made: Makefile tests/unit.mk $(wildcard milter/*.h)
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)ln -sfn $(CURDIR)/policy $(@D)/policy
	$(Q)for d in milter/*/ milter/*.h; do [ ! -e "$$d" ] || ln -sfn $(CURDIR)/$${d%/} $(@D)/; done
	$(Q)touch $@

$(BUILD)/unit/test_%: tests/unit/test_%.c $(BUILD)/inc/unit/.made $(UNIT_LIBS)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) $(UNIT_FLAGS) $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -MT $@ -o $@ $< \
	   -Wl,--start-group $(UNIT_LIBS) -Wl,--end-group $(shell $(PKGCONF) --libs $(UNIT_PKGS) cmocka) \
	   $(foreach f,$(FOLDERS),$(libs_$f)) -lpthread -lm
-include $(UNIT_TESTS:=.d)

.PHONY: unit-programs check-unit
unit-programs: all $(UNIT_TESTS)

# make check-unit SAN=address,undefined does the same with the sanitizers in.
check-unit: unit-programs
	$(Q)tests/run --build $(BUILD) unit
