/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/answer.h"

#include <arpa/nameser.h>
#include <limits.h>
#include <string.h>

enum { ADDRESS4_BYTES = 4, ADDRESS6_BYTES = 16, MX_PREFERENCE_BYTES = 2 };

static enum result take_bytes(const void *bytes, size_t size, struct arena *arena, struct dns_record *record)
{
    record->bytes = (const uint8_t *)arena_strndup(arena, bytes, size);
    record->size = size;
    return record->bytes ? RESULT_OK : RESULT_TRY_LATER;
}

/* arena_strndup stops at a NUL, and a TXT record may hold one. */
static enum result take_text(const uint8_t *data, size_t size, struct arena *arena, struct dns_record *record)
{
    uint8_t *text = arena_alloc(arena, size + 1, 1);
    size_t length = 0, at = 0;
    if (!text)
        return RESULT_TRY_LATER;
    while (at < size) {
        size_t part = data[at++];
        if (part > size - at)
            return RESULT_BAD_INPUT;
        memcpy(text + length, data + at, part);
        length += part;
        at += part;
    }
    *record = (struct dns_record){.bytes = text, .size = length};
    return RESULT_OK;
}

static enum result take_name(const ns_msg *packet, const uint8_t *at, struct arena *arena,
                             struct dns_record *record)
{
    char name[NS_MAXDNAME];
    if (ns_name_uncompress(ns_msg_base(*packet), ns_msg_end(*packet), at, name, sizeof name) < 0)
        return RESULT_BAD_INPUT;
    size_t size = strlen(name);
    while (size && name[size - 1] == '.')
        size--;
    return take_bytes(name, size, arena, record);
}

static enum result take_address(const ns_rr *rr, size_t size, struct arena *arena, struct dns_record *record)
{
    if (ns_rr_rdlen(*rr) != size)
        return RESULT_BAD_INPUT;
    *record = (struct dns_record){.bytes = arena_copy(arena, ns_rr_rdata(*rr), size), .size = size};
    return record->bytes ? RESULT_OK : RESULT_TRY_LATER;
}

static enum result take_record(const ns_msg *packet, const ns_rr *rr, enum dns_type type, struct arena *arena,
                               struct dns_record *record)
{
    switch (type) {
    case DNS_A:
        return take_address(rr, ADDRESS4_BYTES, arena, record);
    case DNS_AAAA:
        return take_address(rr, ADDRESS6_BYTES, arena, record);
    case DNS_TXT:
        return take_text(ns_rr_rdata(*rr), ns_rr_rdlen(*rr), arena, record);
    case DNS_MX:
        if (ns_rr_rdlen(*rr) <= MX_PREFERENCE_BYTES)
            return RESULT_BAD_INPUT;
        record->preference = (uint16_t)ns_get16(ns_rr_rdata(*rr));
        return take_name(packet, ns_rr_rdata(*rr) + MX_PREFERENCE_BYTES, arena, record);
    case DNS_PTR:
        return take_name(packet, ns_rr_rdata(*rr), arena, record);
    }
    return RESULT_BUG;
}

static enum result take_records(ns_msg *packet, enum dns_type type, struct arena *arena,
                                struct dns_record *records, struct dns_answer *answer)
{
    for (int i = 0; i < ns_msg_count(*packet, ns_s_an); i++) {
        ns_rr rr;
        if (ns_parserr(packet, ns_s_an, i, &rr) != 0)
            return RESULT_BAD_INPUT;
        if ((unsigned)ns_rr_type(rr) != (unsigned)type || ns_rr_class(rr) != ns_c_in)
            continue;
        if (answer->n_records == DNS_RECORDS_MAX) {
            answer->status = DNS_UNUSABLE;
            answer->why = "more records than any honest name has";
            return RESULT_OK;
        }
        enum result result = take_record(packet, &rr, type, arena, &records[answer->n_records]);
        if (result != RESULT_OK)
            return result;
        answer->n_records++;
    }
    answer->status = answer->n_records ? DNS_FOUND : DNS_VOID;
    return RESULT_OK;
}

enum result answer_read(const void *packet, size_t size, enum dns_type type, struct arena *arena,
                        struct dns_answer *answer)
{
    ns_msg parsed;
    answer->n_records = 0;
    if (size > DNS_ANSWER_BYTES_MAX) {
        answer->status = DNS_UNUSABLE;
        answer->why = "an answer larger than any honest one";
        return RESULT_OK;
    }
    if (ns_initparse(packet, (int)size, &parsed) != 0)
        return RESULT_BAD_INPUT;
    /* A failure that libunbound has in its cache comes as a packet too, with no other sign of it than this
     * code. */
    switch (ns_msg_getflag(parsed, ns_f_rcode)) {
    case ns_r_noerror:
        break;
    case ns_r_nxdomain:
        answer->status = DNS_VOID;
        return RESULT_OK;
    default:
        answer->status = DNS_TRY_LATER;
        answer->why = "the DNS server could not answer";
        return RESULT_OK;
    }
    struct dns_record *records = arena_alloc(arena, DNS_RECORDS_MAX, sizeof *records);
    if (!records)
        return RESULT_TRY_LATER;
    answer->records = records;
    return take_records(&parsed, type, arena, records, answer);
}
