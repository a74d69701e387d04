/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_AUTH_STUB_H
#define KHATM_TESTS_AUTH_STUB_H

/* DNS for the fuzzers of SPF and DKIM: resolver_ask and resolver_start answered from the input itself, so
 * that DNS is the stranger's too. Lines of "name TYPE value": TYPE is A, AAAA, MX, PTR, TXT, LATER (no
 * answer) or BIG (an unusable one). Included by one file of a program, which then never links the real
 * resolver. */

#include "base/text.h"
#include "dns/resolver.h"

#include <arpa/inet.h>
#include <string.h>

struct resolver {
    struct arena *arena;
    const char *zone;
    size_t size;
    unsigned questions;
};

static struct dns_record stub_record(struct arena *arena, enum dns_type type, const char *value, size_t size)
{
    char text[64] = "";
    uint8_t address[16];
    memcpy(text, value, size < sizeof text - 1 ? size : sizeof text - 1);
    if (type == DNS_A || type == DNS_AAAA) {
        int family = type == DNS_A ? AF_INET : AF_INET6;
        size_t bytes = type == DNS_A ? 4 : 16;
        if (inet_pton(family, text, address) != 1)
            memset(address, 0, sizeof address);
        return (struct dns_record){.bytes = arena_copy(arena, address, bytes), .size = bytes};
    }
    char *copy = arena_alloc(arena, size + 1, 1);
    if (copy)
        memcpy(copy, value, size);
    return (struct dns_record){.bytes = (const uint8_t *)copy, .size = size};
}

static bool stub_type(const char *text, size_t size, enum dns_type type, struct dns_answer *answer)
{
    static const struct {
        const char *name;
        enum dns_type type;
    } types[] = {{"A", DNS_A}, {"AAAA", DNS_AAAA}, {"MX", DNS_MX}, {"PTR", DNS_PTR}, {"TXT", DNS_TXT}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].name) == size && memcmp(text, types[i].name, size) == 0)
            return types[i].type == type;
    if (size == 5 && memcmp(text, "LATER", 5) == 0)
        answer->status = DNS_TRY_LATER;
    if (size == 3 && memcmp(text, "BIG", 3) == 0)
        answer->status = DNS_UNUSABLE;
    return false;
}

static void stub_line(struct resolver *resolver, const char *line, size_t size, const char *name,
                      enum dns_type type, struct dns_record *records, struct dns_answer *answer)
{
    size_t n = strlen(name);
    const char *kind = size > n + 1 ? line + n + 1 : NULL;
    if (!kind || line[n] != ' ' || !text_starts_nocase(line, name))
        return;
    const char *space = memchr(kind, ' ', size - n - 1);
    size_t kind_size = space ? (size_t)(space - kind) : size - n - 1;
    size_t value_size = space ? size - n - 1 - kind_size - 1 : 0;
    if (stub_type(kind, kind_size, type, answer) && answer->n_records < DNS_RECORDS_MAX)
        records[answer->n_records++] = stub_record(resolver->arena, type, space ? space + 1 : "", value_size);
}

void resolver_begin(struct resolver *resolver, struct arena *arena, int64_t deadline_ms)
{
    (void)arena;
    (void)deadline_ms;
    resolver->questions = 0;
}

void resolver_end(struct resolver *resolver)
{
    (void)resolver;
}

void resolver_hurry(struct resolver *resolver, int64_t deadline_ms)
{
    (void)resolver;
    (void)deadline_ms;
}

void resolver_start(struct resolver *resolver, const char *name, enum dns_type type)
{
    (void)resolver;
    (void)name;
    (void)type;
}

const struct dns_answer *resolver_ask(struct resolver *resolver, const char *name, enum dns_type type)
{
    static const struct dns_answer later = {.status = DNS_TRY_LATER, .why = "no memory"};
    struct dns_answer *answer = arena_alloc(resolver->arena, 1, sizeof *answer);
    struct dns_record *records = arena_alloc(resolver->arena, DNS_RECORDS_MAX, sizeof *records);
    if (!answer || !records || ++resolver->questions > RESOLVER_QUESTIONS_MAX)
        return &later;
    *answer = (struct dns_answer){.status = DNS_FOUND, .why = "stub", .records = records};
    for (size_t at = 0; at < resolver->size;) {
        const char *end = memchr(resolver->zone + at, '\n', resolver->size - at);
        size_t size = end ? (size_t)(end - (resolver->zone + at)) : resolver->size - at;
        stub_line(resolver, resolver->zone + at, size, name, type, records, answer);
        at += size + 1;
    }
    if (answer->status == DNS_FOUND && !answer->n_records)
        answer->status = DNS_VOID;
    for (size_t i = 0; i < answer->n_records; i++)
        if (!records[i].bytes)
            return &later;
    return answer;
}

#endif
