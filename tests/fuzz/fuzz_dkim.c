/* SPDX-License-Identifier: Apache-2.0 */
/* DKIM through libopendkim. Input: DNS (auth_stub.h) up to a line "--", then the message; its time is that of
 * RFC 8463's example. Whatever it is: no crash, a reason for each signature that does not count, and one that
 * counts has both hashes, a domain, and From and Content-Type under it. */
#include "auth_stub.h"

#include "authenticator/dkim.h"
#include "base/fd.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { ARENA_BYTES = 32 * 1024 * 1024 };

static const int64_t then = 1528637909 + 60;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(int condition)
{
    if (!condition)
        abort();
}

static void check(const struct dkim_findings *findings)
{
    insist(findings->n_signatures <= PROOF_SIGNATURES_MAX);
    for (size_t i = 0; i < findings->n_signatures; i++) {
        const struct dkim_proof *proof = &findings->signatures[i];
        insist(proof->why && proof->domain && proof->selector && proof->counts == !proof->why[0]);
        if (proof->counts)
            insist(proof->signature_matches && proof->body_hash_matches && proof->domain[0] &&
                   !proof->test_key && !proof->try_later && proof->from && proof->content_type);
    }
}

static void run(struct dkim_checker *checker, struct resolver *resolver, const uint8_t *message, size_t size)
{
    struct dkim_findings findings;
    const uint8_t *end = memmem(message, size, "\r\n\r\n", 4);
    int fd = memfd_create("message", MFD_CLOEXEC);
    const struct dkim_input input = {fd, size, end ? (uint64_t)(end + 4 - message) : size, then, ""};
    if (fd >= 0 && fd_write_all(fd, message, size) == RESULT_OK) {
        dkim_checker_begin(checker, resolver, &input, resolver->arena);
        dkim_checker_finish(checker, &findings);
        check(&findings);
    }
    fd_close(&fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char mark[] = "\n--\n";
    struct problem problem = {""};
    static struct dkim_checker *checker; /* one for all inputs, as in the program */
    const uint8_t *end = memmem(bytes, size, mark, sizeof mark - 1);
    struct resolver resolver = {.arena = arena_new(ARENA_BYTES), .zone = (const char *)bytes};
    resolver.size = end ? (size_t)(end - bytes) : 0;
    const uint8_t *message = end ? end + sizeof mark - 1 : bytes;
    insist(checker || dkim_checker_new(&checker, &problem) == RESULT_OK);
    if (resolver.arena)
        run(checker, &resolver, message, size - (size_t)(message - bytes));
    arena_free(resolver.arena);
    return 0;
}
