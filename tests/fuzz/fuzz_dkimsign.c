/* SPDX-License-Identifier: Apache-2.0 */
/* A message that is signed: no crash; what cannot be signed is said; a signature is one field's value, folded
 * as fields are, and verifies by our other half, which shares no code with the signer but libopendkim. */
#include "auth_stub.h"

#include "authenticator/dkim.h"
#include "base/fd.h"
#include "dkimsigner/sign.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

enum { ARENA_BYTES = 32 * 1024 * 1024, MESSAGE_MAX = 64 * 1024 };

static const char record_name[] = "s._domainkey.own.example";
/* Of RFC 8463, appendix A.2. */
static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                          "-----END PRIVATE KEY-----\n";

static struct dkimsigner *signer;
static struct dkim_checker *checker;
static struct signing_key key;
static struct body_hash *hash;
static char zone[400];

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* libopendkim frees no Ed25519 key. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static void insist(int condition)
{
    if (!condition)
        abort();
}

static int file_of(const void *bytes, size_t size)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    insist(fd >= 0 && fd_write_all(fd, bytes, size) == RESULT_OK);
    return fd;
}

static void prepare(void)
{
    struct problem problem = {""};
    char path[64];
    int fd = file_of(pem, sizeof pem - 1);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    insist(fchmod(fd, S_IRUSR) == 0 && signing_key_read(record_name, path, &key, &problem) == RESULT_OK);
    fd_close(&fd);
    insist(dkimsigner_new("From:Subject:Content-Type", 0, &signer, &problem) == RESULT_OK);
    insist(dkim_checker_new(&checker, &problem) == RESULT_OK);
    insist((hash = body_hash_new()) != NULL);
    (void)snprintf(zone, sizeof zone, "%s TXT v=DKIM1; k=ed25519; p=%s\n", record_name, key.public_text);
}

/* Of lines that end with CRLF, and of nothing else. */
static bool hash_body(const uint8_t *body, size_t size, struct body_result *out)
{
    const bool wanted[BODY_FORMS] = {[BODY_RELAXED] = true};
    struct body_result results[BODY_FORMS];
    body_hash_begin(hash, wanted, BODY_WHOLE);
    body_hash_add(hash, body, size);
    enum result result = body_hash_finish(hash, results);
    *out = results[BODY_RELAXED];
    return result == RESULT_OK;
}

static void check_value(const char *value)
{
    for (const char *at = value; *at; at++) {
        insist((*at >= ' ' && *at <= '~') || *at == '\t' || *at == '\n');
        insist(*at != '\n' || at[1] == ' ' || at[1] == '\t');
    }
}

static void verify(const char *value, const uint8_t *bytes, size_t size, size_t body_at, struct arena *arena)
{
    struct resolver resolver = {.arena = arena, .zone = zone, .size = strlen(zone)};
    struct dkim_findings findings;
    int fd = memfd_create("signed", MFD_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;
    insist(file != NULL);
    (void)fputs("DKIM-Signature: ", file);
    for (; *value; value++)
        (void)fputs(*value == '\n' ? "\r\n" : (const char[]){*value, '\0'}, file);
    (void)fputs("\r\n", file);
    size_t more = (size_t)ftell(file);
    (void)fwrite(bytes, 1, size, file);
    insist(fflush(file) == 0);
    const struct dkim_input input = {fd, more + size, more + body_at, time(NULL), ""};
    dkim_checker_begin(checker, &resolver, &input, arena);
    dkim_checker_finish(checker, &findings);
    insist(findings.n_signatures > 0);
    /* Who verifies wants an address in From; khatmd signs nothing without. */
    if (strcmp(findings.signatures[0].why, "libopendkim cannot read the header section") != 0)
        insist(findings.signatures[0].signature_matches && findings.signatures[0].body_hash_matches);
    (void)fclose(file);
}

static void run(const uint8_t *bytes, size_t size, size_t body_at, struct arena *arena)
{
    char value[DKIMSIGN_SIGNATURE_MAX + 1];
    struct problem problem = {""};
    struct header header;
    struct body_result body;
    const char *why = "";
    int fd = file_of(bytes, size);
    if (header_read(fd, body_at, arena, &header, &why) != RESULT_OK) {
        insist(why[0] != '\0');
    } else if (hash_body(bytes + body_at, size - body_at, &body)) {
        if (dkimsigner_sign(signer, &key, &header, &body, value, &problem) == RESULT_OK) {
            check_value(value);
            if (header_count(&header, "DKIM-Signature") == 0) /* khatmd hands over none */
                verify(value, bytes, size, body_at, arena);
        } else {
            insist(problem.text[0] != '\0');
        }
    }
    fd_close(&fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!signer)
        prepare();
    const uint8_t *end = memmem(bytes, size, "\r\n\r\n", 4);
    struct arena *arena = arena_new(ARENA_BYTES);
    if (arena && end && size <= MESSAGE_MAX)
        run(bytes, size, (size_t)(end + 4 - bytes), arena);
    arena_free(arena);
    return 0;
}
