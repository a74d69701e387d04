/* SPDX-License-Identifier: Apache-2.0 */
/* SPF, libspf2's second opinion included. Input: a line "address<tab>helo<tab>mail-from", then DNS
 * (auth_stub.h). Whatever it is: no crash, one of the seven verdicts with a reason, a pass only for a domain
 * that has a policy, and never for a client on this machine. */
#include "auth_stub.h"

#include "authenticator/spf.h"

#include <stdlib.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, LINE_BYTES = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(int condition)
{
    if (!condition)
        abort();
}

static void check(struct spf *spf, struct resolver *resolver, const struct spf_input *input)
{
    struct spf_proof proof;
    spf_check(spf, resolver, input, resolver->arena, &proof);
    insist(proof.verdict <= SPF_PROOF_PERMERROR && proof.why && proof.domain);
    if (proof.verdict != SPF_PROOF_PASS)
        return;
    insist(proof.domain[0] && strncmp(input->client_address, "127.", 4) != 0);
    insist(resolver_ask(resolver, proof.domain, DNS_TXT)->status == DNS_FOUND);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char line[LINE_BYTES] = "";
    const uint8_t *end = memchr(bytes, '\n', size);
    if (!end || (size_t)(end - bytes) >= sizeof line)
        return 0;
    memcpy(line, bytes, (size_t)(end - bytes));
    char *rest = line;
    const char *address = strsep(&rest, "\t"), *helo = strsep(&rest, "\t");
    const struct spf_input input = {address, helo, rest};
    struct resolver resolver = {.arena = arena_new(ARENA_BYTES),
                                .zone = (const char *)end + 1,
                                .size = size - (size_t)(end + 1 - bytes)};
    static struct spf *spf; /* one for all inputs, as in the program */
    if (!spf)
        spf = spf_new();
    if (resolver.arena && spf)
        check(spf, &resolver, &input);
    arena_free(resolver.arena);
    return 0;
}
