divert(-1)
dnl # SPDX-License-Identifier: Apache-2.0
dnl # What Khatm wants of the Sendmail that takes mail in: khatm-sendmail puts an include of this file before the MAILER
dnl # lines of sendmail.mc. docs/sendmail.md says what each setting is for. The filter is in khatm-filter.m4.
dnl # Names: KHATM_EGRESS is the hop that all remote mail passes, as a mailer's arguments.
ifdef(`KHATM_EGRESS',, `define(`KHATM_EGRESS', `TCP [127.0.0.1] 2603')')

dnl # Whatever mailertable, SMART_HOST, LOCAL_RELAY, MAIL_HUB, aliases or .forward choose of these mailers and whichever host they
dnl # name: the connection goes to the hop, and the hop has the routes.
define(`SMTP_MAILER_ARGS', defn(`KHATM_EGRESS'))
define(`ESMTP_MAILER_ARGS', defn(`KHATM_EGRESS'))
define(`SMTP8_MAILER_ARGS', defn(`KHATM_EGRESS'))
define(`DSMTP_MAILER_ARGS', defn(`KHATM_EGRESS'))
define(`RELAY_MAILER_ARGS', defn(`KHATM_EGRESS'))
dnl # It has the same name as we do (k), and must see every body as it was when it was approved: no line is cut.
MODIFY_MAILER_FLAGS(`SMTP', `+k')
MODIFY_MAILER_FLAGS(`ESMTP', `+k')
MODIFY_MAILER_FLAGS(`SMTP8', `+k')
MODIFY_MAILER_FLAGS(`DSMTP', `+k')
MODIFY_MAILER_FLAGS(`RELAY', `+k')
define(`SMTP_MAILER_LL', `0')
define(`RELAY_MAILER_LL', `0')
dnl # A mailer that is none of these cannot leave the machine by TCP.
CLIENT_OPTIONS(`Family=inet, Addr=127.0.0.1')
CLIENT_OPTIONS(`Family=inet6, Addr=::1')
divert(0)dnl
