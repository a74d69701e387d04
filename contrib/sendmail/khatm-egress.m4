divert(-1)
dnl # SPDX-License-Identifier: Apache-2.0
dnl # The second Sendmail: the hop that all remote mail passes, and where routes to the world belong (mailertable, SMART_HOST).
dnl # It has no aliases, no .forward and no mailboxes. What is for a domain of the house, reports of its own above all, goes back
dnl # to the first by KHATM_HOME; KHATM_NAMES is the file that has these domains.
ifdef(`KHATM_HOP',, `define(`KHATM_HOP', `Family=inet, Addr=127.0.0.1, Port=2603')')
ifdef(`KHATM_HOME',, `define(`KHATM_HOME', `TCP [127.0.0.1] 2526')')
ifdef(`KHATM_NAMES',, `define(`KHATM_NAMES', `-o /etc/mail/local-host-names %[^\#]')')
FEATURE(`no_default_msa')
FEATURE(`accept_unresolvable_domains')
FEATURE(`accept_unqualified_senders')
undefine(`ALIAS_FILE')
define(`confFORWARD_PATH', `')
define(`confDONT_PROBE_INTERFACES', `True')
define(`SMTP_MAILER_LL', `0')
define(`RELAY_MAILER_LL', `0')
DAEMON_OPTIONS(`Name=khatm-egress, 'defn(`KHATM_HOP')`, M=EAS')

LOCAL_CONFIG
C{KhatmHome}localhost
F{KhatmHome}KHATM_NAMES

LOCAL_RULE_0
R$+ < @ $={KhatmHome} . > $*	$#khatmhome $@ here $: $1 < @ $2 > $3
R$+ < @ $={KhatmHome} > $*	$#khatmhome $@ here $: $1 < @ $2 > $3
R$+ < @ $=w . > $*		$#khatmhome $@ here $: $1 < @ $2 > $3
R$* < @ $* > $*			$@ $1 < @ $2 > $3
R$+				$#khatmhome $@ here $: $1 < @ $j >

MAILER_DEFINITIONS
Mkhatmhome,	P=[IPC], F=mDFMuXa8k, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=\r\n, L=0, T=DNS/RFC822/SMTP,
		A=KHATM_HOME
divert(0)dnl
