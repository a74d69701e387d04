# SPDX-License-Identifier: Apache-2.0
# The lab: Postfix, DNS, a second gateway and sinks on loopback addresses. See tests/lab/lab --help.

.PHONY: demo check-lab
demo: all
	$(Q)KHATM_BUILD=$(abspath $(BUILD)) tests/demo/demo

check-lab: all
	$(Q)KHATM_BUILD=$(abspath $(BUILD)) tests/lab/test_lab.py
