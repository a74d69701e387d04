/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/signer.h"

#include "base/clock.h"
#include "sealer/excerpt.h"
#include "sealer/gpg_sign.h"
#include "sealer/ring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = SEAL_PATH_MAX + 128, RSA_MIN_BITS = 2048, DAY_TEXT = 10, TIME_ROOM = 21 };

/* As of a ring that only encrypts, with an agent, and with one key that signs. The exclamation mark: this
 * very key, no subkey in its place. */
static const char OPTIONS[] = "no-random-seed-file\n"
                              "lock-never\n"
                              "trust-model always\n"
                              "no-auto-check-trustdb\n"
                              "no-auto-key-locate\n"
                              "disable-dirmngr\n"
                              "batch\n"
                              "no-greeting\n"
                              "no-encrypt-to\n"
                              "compress-algo none\n"
                              "import-options keep-ownertrust\n"
                              "digest-algo SHA512\n";

static enum result check_home(const char *home, struct signer *signer, struct problem *problem)
{
    static const char *const rings[] = {"pubring.kbx", "pubring.gpg"};
    char path[PATH_ROOM];
    for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", home, rings[i]);
        if (access(path, R_OK) == 0)
            return RESULT_OK;
    }
    signer->fault = SEAL_FAULT_HOME;
    return problem_set(problem, RESULT_BAD_INPUT,
                       "%s: holds no keys that we may read: make the key that signs there with gpg --homedir "
                       "%s, as the user khatmd runs as",
                       home, home);
}

static bool has_secret(const char *home, const char *grip)
{
    char path[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s/private-keys-v1.d/%s.key", home, grip);
    return access(path, R_OK) == 0;
}

static enum seal_fault fault_of(const struct gpg_signers *signers)
{
    if (signers->revoked)
        return SEAL_FAULT_REVOKED;
    if (signers->n)
        return SEAL_FAULT_SECRET;
    return signers->ended ? SEAL_FAULT_EXPIRED : SEAL_FAULT_USE;
}

/* What there is instead of a key that signs. */
static enum result blame(const struct gpg_signers *signers, const char *home, const char *fingerprint,
                         struct problem *problem)
{
    char day[TIME_ROOM];
    clock_format_utc(signers->ended, day);
    if (signers->revoked)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: the key %s is revoked: make a new one, and have the registry pin it", home,
                           fingerprint);
    if (signers->n)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: the secret half of %s is not there, or not ours to read: import it there, as "
                           "the user khatmd runs as",
                           home, fingerprint);
    if (signers->ended)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "%s: the key %s expired on %.*s: renew it, gpg --homedir %s --quick-set-expire %s 2y", home,
            fingerprint, DAY_TEXT, day, home, fingerprint);
    return problem_set(problem, RESULT_BAD_INPUT, "%s: the key %s is not one that signs%s", home, fingerprint,
                       signers->invalid ? ": gpg holds it for invalid" : "");
}

static enum result check_strength(const struct gpg_signer *signer, const char *home,
                                  struct signer *signer_out, struct problem *problem)
{
    if (signer->curve || (signer->rsa && signer->bits >= RSA_MIN_BITS))
        return RESULT_OK;
    signer_out->fault = SEAL_FAULT_WEAK;
    return problem_set(
        problem, RESULT_BAD_INPUT,
        "%s: the key %s is too weak to sign with: make one of Ed25519, or of RSA with %d bits or "
        "more",
        home, signer->fingerprint, RSA_MIN_BITS);
}

/* The newest whose secret half is in the home. */
static enum result choose(const struct gpg_signers *signers, const char *home, const char *fingerprint,
                          struct gpg_signer *chosen_out, struct signer *signer_out, struct problem *problem)
{
    const struct gpg_signer *best = NULL;
    for (size_t i = 0; i < signers->n; i++) {
        const struct gpg_signer *signer = &signers->usable[i];
        if (has_secret(home, signer->grip) && (!best || signer->created >= best->created))
            best = signer;
    }
    if (!best) {
        signer_out->fault = fault_of(signers);
        signer_out->expires = signer_out->fault == SEAL_FAULT_EXPIRED ? signers->ended : 0;
        return blame(signers, home, fingerprint, problem);
    }
    *chosen_out = *best;
    return check_strength(best, home, signer_out, problem);
}

static enum result link_secret(const char *directory, const char *home, const char *grip,
                               struct problem *problem)
{
    char path[PATH_ROOM], target[PATH_ROOM];
    (void)snprintf(path, sizeof path, "%s/private-keys-v1.d", directory);
    (void)snprintf(target, sizeof target, "%s/private-keys-v1.d/%s.key", home, grip);
    /* gpg may have made it when it took the public key in. */
    bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
    if (made) {
        (void)snprintf(path, sizeof path, "%s/private-keys-v1.d/%s.key", directory, grip);
        made = symlink(target, path) == 0;
    }
    return made ? RESULT_OK
                : problem_set(problem, RESULT_TRY_LATER, "%s: cannot be made: %s", path, strerror(errno));
}

/* Its files may be written or not; the folder stays writable, since the agent's sockets lie there. */
static enum result set_mode(const char *directory, mode_t mode, struct problem *problem)
{
    static const char *const names[] = {"gpg.conf", "pubring.kbx", "trustdb.gpg"};
    char path[PATH_ROOM];
    if (chmod(directory, 0700) != 0)
        return problem_set(problem, RESULT_TRY_LATER, "%s: chmod: %s", directory, strerror(errno));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        if (chmod(path, mode) != 0 && errno != ENOENT)
            return problem_set(problem, RESULT_TRY_LATER, "%s: chmod: %s", path, strerror(errno));
    }
    return RESULT_OK;
}

static enum result write_options(const char *directory, const char *signer, struct problem *problem)
{
    char options[sizeof OPTIONS + 300];
    int length = signer ? snprintf(options, sizeof options, "%slocal-user %s!\n%s", OPTIONS, signer,
                                   excerpt_options(directory))
                        : snprintf(options, sizeof options, "%s", OPTIONS);
    return ring_write(directory, "gpg.conf", options, (size_t)length, problem);
}

static enum result prepare(const char *directory, struct problem *problem)
{
    enum result result = set_mode(directory, 0600, problem);
    if (result == RESULT_OK)
        result = write_options(directory, NULL, problem);
    return result == RESULT_OK ? ring_write(directory, "gpg-agent.conf", RING_AGENT_OPTIONS,
                                            strlen(RING_AGENT_OPTIONS), problem)
                               : result;
}

static enum result list(const char *program, const char *directory, const char *home, const char *fingerprint,
                        struct gpg_signers *signers, struct signer *signer_out, struct problem *problem)
{
    char wanted[1][SEAL_FINGERPRINT_SIZE + 1];
    const struct ring_wanted that = {.fingerprints = (const char(*)[SEAL_FINGERPRINT_SIZE + 1]) wanted,
                                     .n_fingerprints = 1};
    size_t n = 0;
    struct gpg *gpg = NULL;
    memcpy(wanted[0], fingerprint, sizeof wanted[0]);
    enum result result = ring_take(program, directory, home, &that, &n, problem);
    if (result == RESULT_OK)
        result = gpg_open(program, directory, &gpg, problem);
    if (result == RESULT_OK)
        result = gpg_list_signers(gpg, fingerprint, signers, problem);
    gpg_close(gpg);
    if (result != RESULT_NOT_FOUND)
        return result;
    signer_out->fault = SEAL_FAULT_MISSING;
    return problem_set(problem, RESULT_BAD_INPUT,
                       "%s: holds no key %s: import it there, or mend signing-key in khatm.conf", home,
                       fingerprint);
}

static enum result try_it(const char *program, const char *directory, const char *home,
                          const char *fingerprint, struct signer *signer_out, struct problem *problem)
{
    struct gpg *gpg = NULL;
    struct problem trouble = {""};
    enum result result = gpg_open(program, directory, &gpg, &trouble);
    if (result == RESULT_OK)
        result = gpg_try_signer(gpg, fingerprint, &trouble);
    gpg_close(gpg);
    if (result == RESULT_OK)
        return RESULT_OK;
    signer_out->fault = SEAL_FAULT_FAILS;
    if (result == RESULT_BAD_INPUT)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: what the secret half of %s signs is not its own (%s): another key lies there "
                           "under its name, import the right one",
                           home, fingerprint, trouble.text);
    return problem_set(problem, RESULT_BAD_INPUT,
                       "%s: the key %s does not sign (%s): it must have no passphrase", home, fingerprint,
                       trouble.text);
}

enum result signer_add(const char *program, const char *directory, const char *home, const char *fingerprint,
                       struct signer *signer_out, struct problem *problem)
{
    struct gpg_signers signers = {0};
    struct gpg_signer signer = {.expires = 0};
    enum result result = check_home(home, signer_out, problem);
    if (result == RESULT_OK)
        result = prepare(directory, problem);
    if (result == RESULT_OK)
        result = list(program, directory, home, fingerprint, &signers, signer_out, problem);
    if (result == RESULT_OK)
        result = choose(&signers, home, fingerprint, &signer, signer_out, problem);
    if (result == RESULT_OK)
        result = link_secret(directory, home, signer.grip, problem);
    if (result == RESULT_OK)
        result = write_options(directory, signer.fingerprint, problem);
    if (result == RESULT_OK)
        result = set_mode(directory, 0400, problem);
    if (result == RESULT_OK)
        result = try_it(program, directory, home, signer.fingerprint, signer_out, problem);
    if (result != RESULT_OK)
        return result;
    signer_out->expires = signer.expires;
    memcpy(signer_out->fingerprint, signer.fingerprint, sizeof signer_out->fingerprint);
    return RESULT_OK;
}
