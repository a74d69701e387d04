/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/auth_reply.h"

#include "sender/protocol.h"

#include <string.h>

/* Tags that must have come before a reply is whole. */
enum { SEEN_VERDICT = 1, SEEN_HELO = 2, SEEN_MORE = 4, SEEN_EVERYBODY = 8, SEEN_ALL = 15 };

enum { SIGNATURE_BITS_ALL = 63, KEY_BITS_MAX = 65536 };

struct reader {
    struct arena *arena;
    struct proofs *proofs;
    struct dkim_proof *signatures, *signature;
    unsigned seen;
};

static enum result take_text(struct reader *reader, const struct wire_field *field, size_t most,
                             const char **text_out)
{
    if (field->size > most)
        return RESULT_BAD_INPUT;
    for (size_t i = 0; i < field->size; i++)
        if (field->bytes[i] < ' ' || field->bytes[i] > '~')
            return RESULT_BAD_INPUT;
    *text_out = arena_strndup(reader->arena, (const char *)field->bytes, field->size);
    return *text_out ? RESULT_OK : RESULT_TRY_LATER;
}

/* Lower case letters, digits, hyphens, underscores and dots between labels; or nothing. */
static enum result take_name(struct reader *reader, const struct wire_field *field, const char **name_out)
{
    enum result result = take_text(reader, field, AUTH_NAME_MAX, name_out);
    if (result != RESULT_OK || !field->size)
        return result;
    const char *name = *name_out;
    bool dots = name[0] == '.' || name[field->size - 1] == '.' || strstr(name, "..");
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == field->size && !dots ? RESULT_OK
                                                                                           : RESULT_BAD_INPUT;
}

static enum result take_number(const struct wire_field *field, uint64_t most, uint64_t *number_out)
{
    return wire_number(field, number_out) == RESULT_OK && *number_out <= most ? RESULT_OK : RESULT_BAD_INPUT;
}

static enum result take_dnssec(const struct wire_field *field, enum proof_dnssec *dnssec)
{
    uint64_t number;
    enum result result = take_number(field, PROOF_DNSSEC_SECURE, &number);
    if (result == RESULT_OK)
        *dnssec = (enum proof_dnssec)number;
    return result;
}

static enum result take_spf_field(struct reader *reader, const struct wire_field *field)
{
    struct spf_proof *spf = &reader->proofs->spf;
    uint64_t number = 0;
    enum result result = RESULT_BAD_INPUT;
    switch (field->tag) {
    case AUTH_TAG_SPF_VERDICT:
        result = take_number(field, SPF_PROOF_PERMERROR, &number);
        spf->verdict = (enum spf_verdict)number;
        reader->seen |= SEEN_VERDICT;
        break;
    case AUTH_TAG_SPF_HELO:
        result = take_number(field, 1, &number);
        spf->helo = number == 1;
        reader->seen |= SEEN_HELO;
        break;
    case AUTH_TAG_SPF_EVERYBODY:
        result = take_number(field, 1, &number);
        spf->everybody = number == 1;
        reader->seen |= SEEN_EVERYBODY;
        break;
    case AUTH_TAG_SPF_DOMAIN:
        return take_name(reader, field, &spf->domain);
    case AUTH_TAG_SPF_DNSSEC:
        return take_dnssec(field, &spf->dnssec);
    case AUTH_TAG_SPF_WHY:
        return take_text(reader, field, AUTH_WHY_MAX, &spf->why);
    case AUTH_TAG_MORE:
        result = take_number(field, 1, &number);
        reader->proofs->more_signatures = number == 1;
        reader->seen |= SEEN_MORE;
        break;
    default:
        break;
    }
    return result;
}

static enum result begin_signature(struct reader *reader, const struct wire_field *field)
{
    uint64_t bits;
    if (reader->proofs->n_signatures == PROOF_SIGNATURES_MAX ||
        take_number(field, SIGNATURE_BITS_ALL, &bits) != RESULT_OK)
        return RESULT_BAD_INPUT;
    reader->signature = &reader->signatures[reader->proofs->n_signatures++];
    *reader->signature = (struct dkim_proof){.counts = bits & AUTH_SIGNATURE_COUNTS,
                                             .try_later = bits & AUTH_SIGNATURE_TRY_LATER,
                                             .signature_matches = bits & AUTH_SIGNATURE_MATCHES,
                                             .body_hash_matches = bits & AUTH_SIGNATURE_BODY_MATCHES,
                                             .test_key = bits & AUTH_SIGNATURE_TEST_KEY,
                                             .has_length = bits & AUTH_SIGNATURE_HAS_LENGTH,
                                             .why = "",
                                             .domain = "",
                                             .selector = ""};
    return RESULT_OK;
}

static enum result take_cover(struct dkim_proof *signature, const struct wire_field *field)
{
    uint64_t bits;
    enum proof_cover *const covers[AUTH_COVER_COUNT] = {
        [AUTH_COVER_FROM] = &signature->from,
        [AUTH_COVER_CONTENT_TYPE] = &signature->content_type,
        [AUTH_COVER_TRANSFER_ENCODING] = &signature->transfer_encoding,
        [AUTH_COVER_SUBJECT] = &signature->subject,
        [AUTH_COVER_DATE] = &signature->date,
        [AUTH_COVER_TO] = &signature->to,
        [AUTH_COVER_REPLY_TO] = &signature->reply_to,
    };
    if (take_number(field, (1U << (2 * AUTH_COVER_COUNT)) - 1, &bits) != RESULT_OK)
        return RESULT_BAD_INPUT;
    for (unsigned i = 0; i < AUTH_COVER_COUNT; i++, bits >>= 2) {
        if ((bits & 3) > PROOF_COVER_OVER)
            return RESULT_BAD_INPUT;
        *covers[i] = (enum proof_cover)(bits & 3);
    }
    return RESULT_OK;
}

static enum result take_signature_number(struct dkim_proof *signature, const struct wire_field *field)
{
    uint64_t number = 0;
    enum result result = RESULT_BAD_INPUT;
    switch (field->tag) {
    case AUTH_TAG_ALGORITHM:
        result = take_number(field, DKIM_ALGORITHM_ED25519_SHA256, &number);
        signature->algorithm = (enum dkim_algorithm)number;
        break;
    case AUTH_TAG_BITS:
        result = take_number(field, KEY_BITS_MAX, &number);
        signature->bits = (unsigned)(number & UINT32_MAX);
        break;
    case AUTH_TAG_SIGNED_AT:
        result = take_number(field, INT64_MAX, &number);
        signature->signed_at = (int64_t)number;
        break;
    case AUTH_TAG_EXPIRES_AT:
        result = take_number(field, INT64_MAX, &number);
        signature->expires_at = (int64_t)number;
        break;
    default:
        break;
    }
    return result;
}

static enum result take_signature_field(struct reader *reader, const struct wire_field *field)
{
    struct dkim_proof *signature = reader->signature;
    if (!signature)
        return RESULT_BAD_INPUT;
    switch (field->tag) {
    case AUTH_TAG_DOMAIN:
        return take_name(reader, field, &signature->domain);
    case AUTH_TAG_SELECTOR:
        return take_name(reader, field, &signature->selector);
    case AUTH_TAG_COVER:
        return take_cover(signature, field);
    case AUTH_TAG_DNSSEC:
        return take_dnssec(field, &signature->dnssec);
    case AUTH_TAG_WHY:
        return take_text(reader, field, AUTH_WHY_MAX, &signature->why);
    default:
        return take_signature_number(signature, field);
    }
}

/* What counts must be able to: a second look at what the helper should have looked at. */
static bool is_coherent(const struct dkim_proof *signature)
{
    if (!signature->counts)
        return true;
    return signature->signature_matches && signature->body_hash_matches && !signature->try_later &&
           !signature->test_key && signature->domain[0] && signature->selector[0] &&
           signature->algorithm != DKIM_ALGORITHM_OTHER && signature->from != PROOF_COVER_NOT &&
           signature->content_type != PROOF_COVER_NOT && !signature->why[0];
}

static enum result conclude(struct reader *reader)
{
    struct proofs *proofs = reader->proofs;
    if (reader->seen != SEEN_ALL || (proofs->spf.verdict == SPF_PROOF_PASS && !proofs->spf.domain[0]))
        return RESULT_BAD_INPUT;
    proofs->try_later = proofs->spf.verdict == SPF_PROOF_TEMPERROR;
    if (proofs->try_later)
        proofs->try_later_why = proofs->spf.why;
    for (size_t i = 0; i < proofs->n_signatures; i++) {
        if (!is_coherent(&reader->signatures[i]))
            return RESULT_BAD_INPUT;
        if (reader->signatures[i].try_later && !proofs->try_later)
            proofs->try_later_why = reader->signatures[i].why;
        proofs->try_later |= reader->signatures[i].try_later;
    }
    return RESULT_OK;
}

enum result auth_reply_read(const struct wire_frame *frame, struct arena *arena,
                            const struct proofs **proofs_out)
{
    struct reader reader = {.arena = arena};
    struct wire_field field;
    size_t cursor = 0;
    reader.proofs = arena_alloc(arena, 1, sizeof *reader.proofs);
    reader.signatures = arena_alloc(arena, PROOF_SIGNATURES_MAX, sizeof *reader.signatures);
    if (!reader.proofs || !reader.signatures)
        return RESULT_TRY_LATER;
    *reader.proofs = (struct proofs){.spf = {.domain = "", .why = ""}, .try_later_why = ""};
    reader.proofs->signatures = reader.signatures;
    if (wire_type(frame) != AUTH_REPLY)
        return RESULT_BAD_INPUT;
    while (wire_next(frame, &cursor, &field) == RESULT_OK) {
        enum result result = field.tag == AUTH_TAG_SIGNATURE  ? begin_signature(&reader, &field)
                             : field.tag < AUTH_TAG_SIGNATURE ? take_spf_field(&reader, &field)
                                                              : take_signature_field(&reader, &field);
        if (result != RESULT_OK)
            return result;
    }
    *proofs_out = reader.proofs;
    return conclude(&reader);
}
