divert(-1)
dnl # SPDX-License-Identifier: Apache-2.0
dnl # The filter itself, for both Sendmails. KHATM_MILTER is khatmd's socket.
ifdef(`KHATM_MILTER',, `define(`KHATM_MILTER', `unix:/run/khatm/milter.sock')')
dnl # F=T: while khatmd is away mail is put off. Without an F Sendmail would let it pass. E is longer than khatmd thinks.
INPUT_MAIL_FILTER(`khatm', `S='defn(`KHATM_MILTER')`, F=T, T=C:30s;S:1m;R:5m;E:10m')
dnl # A delivery report has the header section of what it is about and no more.
define(`confPRIVACY_FLAGS', ifdef(`confPRIVACY_FLAGS', `defn(`confPRIVACY_FLAGS')`,'')`nobodyreturn')
divert(0)dnl
