# SPDX-License-Identifier: Apache-2.0
# GNU make. `make help` lists the targets; V=1 shows the commands; SAN=address,undefined or SAN=thread builds
# an instrumented tree beside the ordinary one; CC=clang is as good as gcc.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
CC       := $(if $(filter default,$(origin CC)),gcc,$(CC))
AR       ?= ar
PKGCONF  ?= pkg-config
PREFIX   ?= /usr
SYSCONF  ?= /etc/khatm
LIBEXEC  ?= $(PREFIX)/libexec/khatm
SAN      ?=
comma    := ,
BUILD    ?= build$(if $(SAN),/$(subst $(comma),-,$(SAN)))
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

WARN     := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            -Wundef -Wcast-qual -Wpointer-arith -Werror
HARDEN   := -fstack-protector-strong -fPIE $(if $(SAN),,-D_FORTIFY_SOURCE=2) -fcf-protection
OPTIMISE ?= -O2 -g
BASEFLAGS = -std=c11 -D_GNU_SOURCE -DKHATM_SYSCONF='"$(SYSCONF)"' -DKHATM_LIBEXEC='"$(LIBEXEC)"' $(OPTIMISE) $(WARN) $(HARDEN) \
            $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
LINKFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(if $(SAN),-fsanitize=$(SAN))

# Folders: what each may include, and the libraries whose headers it may see. A folder compiles with an include
# directory that holds links to exactly these, so a stray #include does not compile.
deps_policy        :=
deps_base          :=
deps_helper        := base
deps_spool         := base
deps_config        := base policy
deps_inspect       := base helper config policy
deps_inspector     := base helper inspect/findings.h inspect/protocol.h policy/fold.h policy/marking_tables.h \
                      policy/marking_pack.h policy/reference.h policy/facts.h policy/status.h
deps_readers       := base inspector inspect/findings.h inspect/protocol.h policy/fold.h policy/marking_tables.h policy/status.h
deps_ocr           := base inspector readers inspect/findings.h inspect/protocol.h policy/fold.h policy/marking_tables.h policy/status.h
deps_sender        := base helper policy config
deps_dns           := base sender/proofs.h
deps_survey        := base dns policy sender/proofs.h
deps_dkim          := base
deps_authenticator := base helper dkim dns sender/proofs.h sender/protocol.h
deps_dkimsign      := base helper policy config
deps_dkimsigner    := base helper dkim dkimsign/protocol.h
deps_ticket        := base config policy
deps_seal          := base helper config policy
deps_sealer        := base helper seal/protocol.h
deps_wkd           := base helper config policy
deps_fetcher       := base helper dns wkd/path.h wkd/protocol.h sender/proofs.h
deps_journal       := base policy
deps_gather        := base config policy spool inspect sender ticket seal journal message.h
deps_enforce       := base config policy spool inspect sender ticket seal dkimsign journal gather message.h judgement.h pipeline.h
deps_mta           := base config policy spool daemon/daemon.h message.h pipeline.h
deps_postfix       := base
deps_forwards      := base policy postfix
deps_doctor        := base policy config postfix
deps_admin         := base policy config spool inspect sender ticket/ticket.h seal dkimsign journal dns survey wkd postfix forwards doctor helper/sandbox.h gather/gather.h message.h growth.h
deps_daemon        := base policy config helper spool inspect sender seal dkimsign journal mta
deps_route         := base policy config spool inspect sender ticket seal dkimsign journal gather enforce daemon

pkgs_base          := libcrypto
pkgs_helper        := libseccomp
pkgs_config        := libconfuse libidn2
pkgs_policy        := libidn2 icu-uc icu-i18n
pkgs_inspector     := gmime-3.0 icu-uc libseccomp zlib
pkgs_readers       := libarchive libgsf-1 libxml-2.0 poppler-glib zlib
pkgs_ocr           := tesseract lept
pkgs_sealer        := gpgme
pkgs_authenticator := opendkim libcrypto
pkgs_dkimsigner    := opendkim libcrypto
pkgs_journal       := sqlite3 libcrypto jansson
pkgs_admin         := jansson
pkgs_fetcher       := libcurl libcrypto
pkgs_daemon        := libsystemd
# Debian ships no .pc file for these.
libs_inspector     := -lmagic
libs_dns           := -lunbound -lresolv
# -u: rsa_key.c stands in front of a function of OpenSSL, which nothing else pulls out of the archive.
libs_authenticator := -lspf2 -Wl,-u,d2i_PUBKEY_bio
# The same: dkimsigner/body_digest.c.
libs_dkimsigner    := -Wl,-u,SHA256_Final
libs_mta           := -lmilter

PROGRAMS := khatmd khatm khatm-inspector khatm-reader khatm-ocr khatm-sealer khatm-authenticator khatm-dkim-signer khatm-fetcher
# What each program is made of.
parts_khatmd          := daemon mta route enforce gather inspect sender ticket seal dkimsign journal spool config helper policy base
parts_khatm           := admin doctor forwards postfix survey wkd dns route gather inspect sender ticket seal dkimsign journal spool config helper policy base
parts_khatm-inspector := inspector policy helper base
parts_khatm-reader    := readers inspector policy helper base
parts_khatm-ocr       := ocr readers inspector policy helper base
parts_khatm-sealer    := sealer helper base
parts_khatm-authenticator := authenticator dkim dns helper base
parts_khatm-dkim-signer := dkimsigner dkim helper base
parts_khatm-fetcher   := fetcher wkd dns helper base
# khatm-inspector forks for every message, khatm-sealer twice for each gpg, and fork, page faults and exit cost by the
# mapping: each is one static program. Sanitizers want shared libraries.
static_khatm-inspector := $(if $(SAN),,-lgmime-3.0 -lgobject-2.0 -lglib-2.0 $(BUILD)/static/libicuuc.a \
   -licudata -lseccomp -lcrypto -lz -lffi -lpcre2-8 -lstdc++ -lm)
# What a child of khatm-inspector runs for ordinary mail, in one place.
order_khatm-inspector := milter/inspector/order.ld
static_khatm-sealer := $(if $(SAN),,-lgpgme -lassuan -lgpg-error -lseccomp -lcrypto)
# What these name and never call in this program: milter/helper/without.h.
without_khatm-inspector := $(patsubst %,%=without_object,g_mime_gpg_context_get_type g_mime_gpg_context_new \
   g_mime_pkcs7_context_get_type g_mime_pkcs7_context_new g_mime_stream_gio_get_type gpgme_check_version_internal \
   freeaddrinfo getpwuid) \
   $(patsubst %,%=without_success,idn2_to_unicode_8z8z getaddrinfo getpwnam_r getpwuid_r) \
   idn2_to_ascii_8z=idn_to_ascii idn2_free=idn_free
without_khatm-sealer := getpwnam=without_object getpwuid=without_object
# khatm-reader forks as often, and most of its mappings are poppler's libraries; what those do not need is in the program.
inside_khatm-reader := $(if $(SAN),,-lgmime-3.0 -lseccomp -lcrypto)
without_khatm-reader := $(filter-out g_mime_stream_gio_get_type=% freeaddrinfo=% getaddrinfo=% getpw%,$(without_khatm-inspector))
# libmilter reads through milter/mta/stream.h here.
renamed_khatmd        := $(BUILD)/static/libmilter.a
libs_khatmd           := -lpthread
libs_khatm            := -lpthread

# --- rules per folder -----------------------------------------------------------------------------------------
FOLDERS := route gather enforce daemon policy base helper spool config inspect inspector readers ocr sender dns survey authenticator dkim dkimsign \
           dkimsigner ticket seal sealer wkd fetcher journal mta postfix forwards doctor admin
# `route`: the files of milter/ itself, a message from its first byte to the reply.
dir_route  := milter
dir_policy := policy
$(foreach f,$(filter-out route policy,$(FOLDERS)),$(eval dir_$f := milter/$f))
$(foreach f,$(FOLDERS),$(eval src_$f := $(wildcard $(dir_$f)/*.c)))

flags_of = -iquote $(BUILD)/inc/$(1) $(if $(strip $(pkgs_$(1))),$$(shell $(PKGCONF) --cflags $(pkgs_$(1)) 2>/dev/null | sed 's/-I/-isystem /g'))
libs_of = $(if $(strip $(pkgs_$(1))),$(shell $(PKGCONF) --libs $(pkgs_$(1)))) $(libs_$(1))

define folder_rules
obj_$(1) := $$(patsubst %.c,$(BUILD)/obj/$(1)/%.o,$$(notdir $$(src_$(1))))
cflags_$(1) = $(call flags_of,$(1))
$(BUILD)/inc/$(1)/.made: Makefile
	$$(Q)rm -rf $(BUILD)/inc/$(1) && mkdir -p $(BUILD)/inc/$(1)
	$$(Q)for d in $(if $(filter route,$(1)),$$(notdir $$(wildcard milter/*.h)),$(1)) $$(deps_$(1)); do \
	   mkdir -p $(BUILD)/inc/$(1)/$$$$(dirname $$$$d); \
	   case $$$$d in policy|policy/*) t=$$$$d;; *) t=milter/$$$$d;; esac; \
	   ln -sfn $$(CURDIR)/$$$$t $(BUILD)/inc/$(1)/$$$$d; done; touch $$@
$(BUILD)/obj/$(1)/%.o: $(dir_$(1))/%.c $(BUILD)/inc/$(1)/.made
	$$(call say,CC,$$<)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(BASEFLAGS) $$(cflags_$(1)) $$(CFLAGS) -MMD -MP -c -o $$@ $$<
$(BUILD)/lib$(1).a: $$(obj_$(1))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@; $$(AR) rcs $$@ $$^
-include $$(obj_$(1):.o=.d)
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rules,$f)))

# What khatmd says where an admin's own texts, of an earlier version, say nothing, as strings of C.
REPLIES := $(patsubst policy/notices/%/replies,$(BUILD)/gen/replies_%.inc,$(wildcard policy/notices/*/replies))
cflags_config += -iquote $(BUILD)/gen
$(BUILD)/obj/config/shipped.o: $(REPLIES)
$(BUILD)/gen/replies_%.inc: policy/notices/%/replies
	$(call say,SED,$@)
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's/[\\"?]/\\&/g' -e 's/.*/"&\\n"/' $< >$@

define program_rules
$(BUILD)/$(1): $$(foreach p,$$(parts_$(1)),$(BUILD)/lib$$p.a) $$(renamed_$(1))
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(BASEFLAGS) $$(LINKFLAGS) $$(LDFLAGS) -o $$@ $$(if $$(inside_$(1)),$$(patsubst %,-Wl$$(comma)--defsym=%,$$(without_$(1)))) \
	   -Wl,--start-group $$^ $$(if $$(inside_$(1)),-Wl$$(comma)-Bstatic $$(inside_$(1)) -Wl$$(comma)-Bdynamic) -Wl,--end-group \
	   $$(foreach p,$$(parts_$(1)),$$(call libs_of,$$p)) $$(libs_$(1))
endef
# libc.a warns of whoever names dlopen.
rename_icuuc  := dlopen=without_object
rename_milter := accept=stream_accept poll=stream_poll read=stream_read close=stream_close
$(BUILD)/static/lib%.a:
	$(call say,OBJCOPY,$@)
	$(Q)mkdir -p $(@D)
	$(Q)objcopy $(rename_$*:%=--redefine-sym %) $$($(CC) -print-file-name=lib$*.a) $@

define static_program_rules
$(BUILD)/$(1): $$(foreach p,$$(parts_$(1)),$(BUILD)/lib$$p.a) $$(filter %.a,$$(static_$(1))) $$(order_$(1))
	$$(call say,LD,$$@)
	$$(Q)$$(CC) $$(BASEFLAGS) $$(filter-out -pie,$$(LINKFLAGS)) -static-pie -Wl,--gc-sections $$(LDFLAGS) -o $$@ \
	   $$(patsubst %,-Wl$$(comma)--defsym=%,$$(without_$(1))) \
	   $$(addprefix -Wl$$(comma)-T$$(comma),$$(order_$(1))) -Wl,--start-group $$(filter %.a,$$^) $$(filter -l%,$$(static_$(1))) -Wl,--end-group
endef
$(foreach p,$(PROGRAMS),$(eval $(call $(if $(static_$p),static_)program_rules,$p)))

.PHONY: all help clean
all: $(PROGRAMS:%=$(BUILD)/%)

help:
	@echo 'all (default)  programs into $(BUILD)/'
	@echo 'deps           install what Debian 12 needs (root): contrib/debian/packages, contrib/debian/unpacked'
	@echo 'demo           the main job on real mail, shown on the terminal'
	@echo 'check          every test, ends with a line that counts them; check-unit check-e2e check-lint are its parts'
	@echo 'check-threads  daemon and command line under ThreadSanitizer, end to end'
	@echo 'check-clients  sealed mail in Claws Mail and Thunderbird, with pictures (tests/clients/packages)'
	@echo 'check-fresh    README'"'"'s two commands in a fresh Debian 12 chroot (root, slow)'
	@echo 'bench          build/bench.json: speed and memory as ratios'
	@echo 'soak           mail of all kinds for SOAK_MINUTES (30), nothing lost, memory as it was'
	@echo 'fuzz           fuzzers, FUZZ_SECONDS each'
	@echo 'install        DESTDIR= PREFIX=$(PREFIX)'
	@echo 'clean'

clean:
	$(Q)rm -rf build

# Programs, manuals, completion; configuration, rules, lists and texts only where there are none yet. Paths of the helpers are compiled
# in: give PREFIX, SYSCONF and LIBEXEC to `make` and `make install` alike.
INSTALL  := install
MANUALS  := $(wildcard docs/man/*.[1-9])
.PHONY: install
install: all
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)$(INSTALL) -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBEXEC) $(DESTDIR)$(SYSCONF) \
	   $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	   $(DESTDIR)$(PREFIX)/lib/systemd/system
	$(Q)$(INSTALL) $(BUILD)/khatmd $(DESTDIR)$(PREFIX)/sbin/
	$(Q)$(INSTALL) $(BUILD)/khatm $(DESTDIR)$(PREFIX)/bin/
	$(Q)$(INSTALL) $(BUILD)/khatm-inspector $(BUILD)/khatm-reader $(BUILD)/khatm-ocr $(BUILD)/khatm-sealer $(BUILD)/khatm-authenticator $(BUILD)/khatm-dkim-signer \
	   $(BUILD)/khatm-fetcher \
	   $(DESTDIR)$(LIBEXEC)/
	$(Q)for m in $(MANUALS); do s=$${m##*.}; $(INSTALL) -d $(DESTDIR)$(PREFIX)/share/man/man$$s; \
	   $(INSTALL) -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$$s/; done
	$(Q)$(INSTALL) -m 644 $(wildcard contrib/systemd/*) $(DESTDIR)$(PREFIX)/lib/systemd/system/
	$(Q)for c in $(wildcard contrib/completion/*); do \
	   $(INSTALL) -m 644 $$c $(DESTDIR)$(PREFIX)/share/bash-completion/completions/; done
	$(Q)$(INSTALL) -D contrib/postfix/khatm-postfix $(DESTDIR)$(PREFIX)/share/khatm/postfix/khatm-postfix
	$(Q)$(INSTALL) -m 644 contrib/postfix/bounce.cf $(DESTDIR)$(PREFIX)/share/khatm/postfix/
	$(Q)$(INSTALL) -D -m 644 contrib/opendkim/submitted.lua $(DESTDIR)$(PREFIX)/share/khatm/opendkim/submitted.lua
	$(Q)$(INSTALL) -D contrib/sendmail/khatm-sendmail $(DESTDIR)$(PREFIX)/share/khatm/sendmail/khatm-sendmail
	$(Q)$(INSTALL) -m 644 $(wildcard contrib/sendmail/*.m4) contrib/sendmail/khatm-egress.service \
	   $(DESTDIR)$(PREFIX)/share/khatm/sendmail/
	$(Q)cd $(CURDIR) && for f in contrib/khatm/khatm.conf policy/rules/khatm.rules policy/registry/government.domains \
	   $$(find policy/lists policy/markings policy/notices -type f); do \
	   case $$f in policy/lists/*|policy/markings/*|policy/notices/*) t=$${f#policy/};; *) t=$${f##*/};; esac; \
	   test -e $(DESTDIR)$(SYSCONF)/$$t || $(INSTALL) -D -m 644 $$f $(DESTDIR)$(SYSCONF)/$$t; done

include $(wildcard tests/*.mk)
