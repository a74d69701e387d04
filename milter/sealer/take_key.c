/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/take_key.h"

#include "sealer/key_file.h"
#include "sealer/ring.h"

#include <string.h>
#include <unistd.h>

static enum result read_whole(int fd, struct buffer *bytes, struct problem *problem)
{
    char block[16384];
    ssize_t got = 0;
    for (off_t at = 0; (got = pread(fd, block, sizeof block, at)) > 0; at += got)
        buffer_append(bytes, block, (size_t)got);
    if (got == 0 && !bytes->failed)
        return RESULT_OK;
    return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the file of the key cannot be read");
}

/* gpg takes no key in that has no user id with a valid signature of its own. */
static enum result put_in(struct gpg *gpg, const struct buffer *key,
                          char fingerprint_out[SEAL_FINGERPRINT_SIZE + 1], struct problem *problem)
{
    size_t n_seen = 0, n_new = 0;
    enum result result = gpg_import(gpg, key, &n_seen, &n_new, problem);
    if (result != RESULT_OK)
        return result;
    return gpg_imported(gpg, fingerprint_out)
               ? RESULT_OK
               : problem_set(problem, RESULT_BAD_INPUT,
                             "gpg does not take it: it has no user id that it signed itself, or is damaged");
}

enum result take_key_read(const char *program, const char *ring, const char *source,
                          const struct gpg_certifiers *certifiers, int file_fd,
                          char fingerprint_out[SEAL_FINGERPRINT_SIZE + 1], struct problem *problem)
{
    struct buffer file, key;
    struct gpg *gpg = NULL;
    buffer_init(&file, SEAL_KEY_FILE_MAX);
    buffer_init(&key, SEAL_KEY_FILE_MAX);
    enum result result = read_whole(file_fd, &file, problem);
    if (result == RESULT_OK)
        result = key_file_read((struct span){(const uint8_t *)file.bytes, file.size}, &key, problem);
    if (result == RESULT_OK)
        result = ring_for_keys(program, ring, source, certifiers, problem);
    if (result == RESULT_OK)
        result = gpg_open(program, ring, &gpg, problem);
    if (result == RESULT_OK)
        result = put_in(gpg, &key, fingerprint_out, problem);
    gpg_close(gpg);
    buffer_free(&file);
    buffer_free(&key);
    return result;
}

enum result take_key_merge(const char *program, const char *ring, const char *home, const char *fingerprint,
                           struct problem *problem)
{
    struct gpg *from = NULL, *to = NULL;
    struct buffer key;
    char wanted[1][SEAL_FINGERPRINT_SIZE + 1];
    size_t n_exported = 0, n_seen = 0, n_new = 0;
    memcpy(wanted[0], fingerprint, sizeof wanted[0]);
    buffer_init(&key, SEAL_KEY_FILE_MAX);
    enum result result = gpg_open(program, ring, &from, problem);
    if (result == RESULT_OK)
        result = gpg_export(from, (const char(*)[SEAL_FINGERPRINT_SIZE + 1]) wanted, 1, &key, &n_exported,
                            problem);
    if (result == RESULT_OK)
        result = gpg_open(program, home, &to, problem);
    if (result == RESULT_OK)
        result = gpg_import(to, &key, &n_seen, &n_new, problem);
    if (result == RESULT_OK && (n_exported != 1 || n_seen != 1))
        result = problem_set(problem, RESULT_TRY_LATER, "%s: gpg did not take the key in", home);
    gpg_close(from);
    gpg_close(to);
    buffer_free(&key);
    return result;
}
