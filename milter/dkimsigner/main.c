/* SPDX-License-Identifier: Apache-2.0 */
/* khatm-dkim-signer LIFETIME NAMES RECORD FILE [RECORD FILE]…: the program that holds the private keys of
 * DKIM and signs with them, in libopendkim. One message at a time, started by khatmd with the control socket
 * as descriptor 3. Once it has said that it is ready it can open no file and no socket. */
#include "base/log.h"
#include "dkimsigner/serve.h"
#include "helper/process.h"
#include "helper/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 256 * 1024 * 1024, DESCRIPTORS_MAX = 16, FIRST_KEY = 3 };

static enum result enter_sandbox(struct problem *problem)
{
    const struct sandbox_limits limits = {
        .memory_bytes = MEMORY_MAX, .lasting = true, .descriptors = DESCRIPTORS_MAX};
    return sandbox_shut_in(sandbox_new_serving, &limits, problem);
}

static const struct signing_key *find_same(const struct serve_keys *keys, const struct signing_key *key)
{
    for (size_t i = 0; i < keys->n_keys; i++)
        if (keys->keys[i].kind == key->kind && strcmp(keys->keys[i].domain, key->domain) == 0)
            return &keys->keys[i];
    return NULL;
}

static enum result take_key(struct serve_keys *keys, const char *name, const char *file,
                            struct problem *problem)
{
    struct signing_key *key = &keys->keys[keys->n_keys];
    enum result result = signing_key_read(name, file, key, problem);
    const struct signing_key *other = result == RESULT_OK ? find_same(keys, key) : NULL;
    keys->n_keys++;
    if (other)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "%s: %s has a key of this kind already, %s: one RSA and one Ed25519 key are used",
                           file, key->domain, other->file);
    return result == RESULT_OK ? dkimsigner_try(keys->signer, key, problem) : result;
}

static enum result prepare(int argc, char *argv[], struct serve_keys *keys, struct problem *problem)
{
    enum result result = helper_harden(problem);
    if (result == RESULT_OK &&
        (signal(SIGPIPE, SIG_IGN) == SIG_ERR || fcntl(HELPER_CONTROL_FD, F_SETFD, FD_CLOEXEC) != 0))
        result = problem_set(problem, RESULT_BUG, "khatm-dkim-signer: run it from khatmd only");
    if (result == RESULT_OK)
        result = dkimsigner_new(argv[2], strtoull(argv[1], NULL, 10), &keys->signer, problem);
    for (int i = FIRST_KEY; result == RESULT_OK && i + 1 < argc; i += 2)
        result = take_key(keys, argv[i], argv[i + 1], problem);
    return result == RESULT_OK ? enter_sandbox(problem) : result;
}

int main(int argc, char *argv[])
{
    struct problem problem = {""};
    struct serve_keys keys = {.n_keys = 0};
    log_open("khatm-dkim-signer", 0, LOG_LEVEL_WARNING);
    if (argc <= FIRST_KEY + 1 || argc % 2 == 0 || (argc - FIRST_KEY) / 2 > KEYS_MAX) {
        log_error("usage: khatm-dkim-signer LIFETIME NAMES RECORD FILE [RECORD FILE]..., from khatmd only");
        return 64;
    }
    enum result result = prepare(argc, argv, &keys, &problem);
    if (result != RESULT_OK)
        dkimsigner_excuse(HELPER_CONTROL_FD, problem.text);
    else if ((result = dkimsigner_serve(HELPER_CONTROL_FD, &keys, &problem)) != RESULT_OK)
        log_error("%s", problem.text);
    for (size_t i = 0; i < keys.n_keys; i++)
        signing_key_free(&keys.keys[i]);
    dkimsigner_free(keys.signer);
    return result == RESULT_OK ? 0 : 1;
}
