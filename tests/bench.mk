# SPDX-License-Identifier: Apache-2.0
# make bench: Khatm beside what it is measured against, in one run. BENCH_FLAGS=--quick for a short one.

bench_programs := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
bench_libs_noopmilter := -lmilter -lpthread
bench_parts_sealbench := seal config helper policy base
bench_libs_sealbench   = $(foreach p,$(bench_parts_sealbench),$(call libs_of,$p)) -lpthread

.PHONY: bench bench-programs
bench: all bench-programs
	$(Q)tests/bench/bench --build $(BUILD) --output $(BUILD)/bench.json $(BENCH_FLAGS)

bench-programs: $(bench_programs)

$(BUILD)/bench/sealbench: $(bench_parts_sealbench:%=$(BUILD)/lib%.a)
$(bench_programs): $(BUILD)/bench/%: tests/bench/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(BASEFLAGS) -iquote milter -iquote . $(CFLAGS) $(LINKFLAGS) $(LDFLAGS) -o $@ $< \
	   -Wl,--start-group $(bench_parts_$*:%=$(BUILD)/lib%.a) -Wl,--end-group $(bench_libs_$*)
