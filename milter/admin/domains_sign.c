/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/domains.h"
#include "admin/scratch.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/fd.h"
#include "policy/registry.h"
#include "seal/check.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* On the authority's machine: gpg is the authority's own, with its home, agent and pinentry, and is run here
 * with the arguments below and no shell. No gateway ever does this. What it made is then verified as a
 * gateway will. */

enum { SIGNATURE_MAX = 64 * 1024, KEY_MAX = 1024 * 1024 };

/* argv's program with `in` on its standard input; what it prints into *out. */
static enum result run_gpg(char *const argv[], int in, struct buffer *out, struct problem *problem)
{
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int status = 0, answer = memfd_create("khatm", MFD_CLOEXEC);
    char block[4096];
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, answer, STDOUT_FILENO);
    int error = answer < 0 ? errno : posix_spawn(&child, argv[0], &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    while (!error && waitpid(child, &status, 0) < 0)
        error = errno == EINTR ? 0 : errno;
    for (ssize_t got, at = 0; !error && (got = pread(answer, block, sizeof block, at)) > 0; at += got)
        buffer_append(out, block, (size_t)got);
    fd_close(&answer);
    if (error)
        return problem_set(problem, RESULT_TRY_LATER, "%s: cannot be run: %s", argv[0], strerror(error));
    if (status != 0 || !out->size || out->failed)
        return problem_set(
            problem, RESULT_BAD_INPUT,
            "%s failed: see what it says above; is the secret key here (gpg --list-secret-keys)?", argv[0]);
    return RESULT_OK;
}

static enum result make_signature(const char *gpg, const char *key, const struct registry_draft *draft,
                                  struct buffer *signature, struct problem *problem)
{
    char *words[] = {"gpg",      "--armor", "--digest-algo", "SHA512", "--local-user", "",
                     "--output", "-",       "--detach-sign", NULL};
    int bytes = memfd_create("khatm", MFD_CLOEXEC);
    words[0] = (char *)(uintptr_t)gpg;
    words[5] = (char *)(uintptr_t)key;
    enum result result = bytes < 0 ? RESULT_TRY_LATER : fd_write_all(bytes, draft->text, draft->size);
    if (result == RESULT_OK && lseek(bytes, 0, SEEK_SET) == 0)
        result = run_gpg(words, bytes, signature, problem);
    else
        result = problem_set(problem, RESULT_TRY_LATER, "no memory for the registry: %s", strerror(errno));
    fd_close(&bytes);
    return result;
}

static enum result export_key(const char *gpg, const char *key, struct buffer *exported,
                              struct problem *problem)
{
    char *words[] = {"gpg", "--batch", "--export", "", NULL};
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    words[0] = (char *)(uintptr_t)gpg;
    words[3] = (char *)(uintptr_t)key;
    enum result result = run_gpg(words, nothing, exported, problem);
    fd_close(&nothing);
    return result;
}

/* As a gateway that pins this key will. */
static enum result verify(const char *gpg, const char *key, const struct registry_draft *draft,
                          const struct buffer *signature, struct seal_checked *checked,
                          struct problem *problem)
{
    struct scratch scratch = {.path = ""};
    struct buffer exported;
    struct problem why = {""};
    const struct sealing_settings settings = {.program = config_find_program(draft->arena, "khatm-sealer"),
                                              .gpg = gpg};
    buffer_init(&exported, KEY_MAX);
    enum result result = export_key(gpg, key, &exported, problem);
    if (result == RESULT_OK)
        result = scratch_make(&scratch, problem);
    if (result == RESULT_OK) {
        const struct seal_claim claim = {.data = draft->text,
                                         .data_size = draft->size,
                                         .signature = buffer_text(signature),
                                         .signature_size = signature->size,
                                         .key = buffer_text(&exported),
                                         .key_size = exported.size,
                                         .fingerprint = key};
        result =
            settings.program ? seal_check(&settings, scratch.work, &claim, checked, &why) : RESULT_TRY_LATER;
        if (result != RESULT_OK)
            problem_set(problem, result, "no gateway would take what was made, so it is thrown away: %s%s",
                        result == RESULT_BAD_INPUT && checked->about_key ? "the key " : "", why.text);
    }
    scratch_remove(&scratch);
    buffer_free(&exported);
    return result;
}

static enum result write_signature(const char *path, const struct buffer *signature, struct problem *problem)
{
    char draft[4096];
    int length = snprintf(draft, sizeof draft, "%s.new", path);
    int fd = length < (int)sizeof draft ? open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    enum result result = fd < 0 ? RESULT_TRY_LATER : fd_write_all(fd, signature->bytes, signature->size);
    if (result == RESULT_OK && (fsync(fd) != 0 || rename(draft, path) != 0))
        result = RESULT_TRY_LATER;
    if (result != RESULT_OK)
        problem_set(problem, result, "%s: cannot be written: %s", path, strerror(errno));
    fd_close(&fd);
    return result;
}

static enum result sign(const struct domains_options *options, const char *key,
                        const struct registry_draft *draft, struct seal_checked *checked,
                        struct problem *problem)
{
    struct buffer signature;
    const char *path = arena_printf(draft->arena, "%s.asc", options->object);
    buffer_init(&signature, SIGNATURE_MAX);
    enum result result = path ? make_signature(options->gpg, key, draft, &signature, problem)
                              : problem_set(problem, RESULT_TRY_LATER, "no memory");
    if (result == RESULT_OK)
        result = verify(options->gpg, key, draft, &signature, checked, problem);
    if (result == RESULT_OK)
        result = write_signature(path, &signature, problem);
    buffer_free(&signature);
    return result;
}

int domains_sign(const struct domains_options *options)
{
    struct registry_draft draft;
    struct refusal refusal = {0};
    struct problem problem = {""};
    struct seal_checked checked = {0};
    char key[REGISTRY_FINGERPRINT_ROOM];
    if (registry_fingerprint(options->key, key, &refusal) != POLICY_OK)
        return command_usage_error(options->argv0, "--key: %s", refusal.text);
    int code = domains_read_draft(options, &draft);
    if (code != EX_OK)
        return code;
    if (sign(options, key, &draft, &checked, &problem) != RESULT_OK)
        code = domains_complain(options, EX_CANTCREAT, problem.text);
    else
        (void)printf("%s.asc: serial %lld signed by %s\n", options->object,
                     (long long)registry_serial(draft.registry), key);
    config_free_draft(&draft);
    return code;
}
