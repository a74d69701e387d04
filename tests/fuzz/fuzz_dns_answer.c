/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of DNS answers. The first byte chooses the type asked for. No crash; records only with
 * DNS_FOUND, of a sane size and number. */
#include "dns/answer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT};
    if (!size)
        return 0;
    enum dns_type type = types[bytes[0] % 5];
    struct dns_answer answer = {.status = DNS_TRY_LATER, .why = ""};
    struct arena *arena = arena_new(1024 * 1024);
    if (answer_read(bytes + 1, size - 1, type, arena, &answer) == RESULT_OK && answer.status == DNS_FOUND) {
        insist(answer.n_records > 0 && answer.n_records <= DNS_RECORDS_MAX);
        for (size_t i = 0; i < answer.n_records; i++)
            insist(answer.records[i].bytes && answer.records[i].size < DNS_ANSWER_BYTES_MAX);
        if (type == DNS_A)
            insist(answer.records[0].size == 4);
    }
    arena_free(arena);
    return 0;
}
