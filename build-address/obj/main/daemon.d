build-address/obj/main/daemon.o: milter/daemon.c milter/daemon.h \
 milter/base/result.h milter/base/clock.h milter/base/log.h \
 build-address/inc/main/base/result.h milter/forecast.h \
 milter/config/config.h build-address/inc/main/base/ip.h \
 build-address/inc/main/policy/facts.h milter/seal/keys.h \
 milter/generation.h milter/inspect/inspector.h \
 build-address/inc/main/config/config.h \
 build-address/inc/main/inspect/findings.h \
 build-address/inc/main/base/arena.h build-address/inc/main/base/digest.h \
 milter/seal/seal.h build-address/inc/main/seal/keys.h \
 milter/sender/authenticator.h build-address/inc/main/sender/proofs.h \
 milter/journal/journal.h build-address/inc/main/policy/verdict.h \
 build-address/inc/main/policy/date.h \
 build-address/inc/main/policy/status.h \
 build-address/inc/main/policy/registry.h milter/seal/check.h \
 milter/signing.h
milter/daemon.h:
milter/base/result.h:
milter/base/clock.h:
milter/base/log.h:
build-address/inc/main/base/result.h:
milter/forecast.h:
milter/config/config.h:
build-address/inc/main/base/ip.h:
build-address/inc/main/policy/facts.h:
milter/seal/keys.h:
milter/generation.h:
milter/inspect/inspector.h:
build-address/inc/main/config/config.h:
build-address/inc/main/inspect/findings.h:
build-address/inc/main/base/arena.h:
build-address/inc/main/base/digest.h:
milter/seal/seal.h:
build-address/inc/main/seal/keys.h:
milter/sender/authenticator.h:
build-address/inc/main/sender/proofs.h:
milter/journal/journal.h:
build-address/inc/main/policy/verdict.h:
build-address/inc/main/policy/date.h:
build-address/inc/main/policy/status.h:
build-address/inc/main/policy/registry.h:
milter/seal/check.h:
milter/signing.h:
