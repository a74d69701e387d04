/* SPDX-License-Identifier: Apache-2.0 */
#include "authenticator/dkim_signature.h"

#include "base/text.h"
#include "dns/name.h"

#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_DIGITS_MAX = 12, /* of times and lengths */
    HASH_BASE64 = 44,       /* SHA-256 */
    HEADER_LIST_MAX =
        4000,        /* libopendkim cuts it at 4096 without a word, and would leave out what is listed last */
    NAMES_MAX = 300, /* in h= */
};

/* Digits only, not too many. */
static bool take_number(const char *text, int64_t *number_out)
{
    size_t size = strspn(text, "0123456789");
    if (!size || text[size] || size > NUMBER_DIGITS_MAX)
        return false;
    *number_out = strtoll(text, NULL, 10);
    return true;
}

static bool is_header_list(const char *list)
{
    unsigned names = 1;
    if (strlen(list) > HEADER_LIST_MAX || !*list)
        return false;
    for (const char *at = list; *at; at++)
        names += *at == ':';
    return names <= NAMES_MAX && list[0] != ':' && list[strlen(list) - 1] != ':' && !strstr(list, "::");
}

static enum proof_cover cover_of(const struct header *header, const char *list, const char *name)
{
    unsigned there = header_count(header, name), listed = dkim_list_count(list, name);
    if (listed > there)
        return PROOF_COVER_OVER;
    return there && listed == there ? PROOF_COVER_SIGNED : PROOF_COVER_NOT;
}

static void take_covers(const struct header *header, const char *list, struct dkim_proof *proof)
{
    proof->from = cover_of(header, list, "from");
    proof->content_type = cover_of(header, list, "content-type");
    proof->transfer_encoding = cover_of(header, list, "content-transfer-encoding");
    proof->subject = cover_of(header, list, "subject");
    proof->date = cover_of(header, list, "date");
    proof->to = cover_of(header, list, "to");
    proof->reply_to = cover_of(header, list, "reply-to");
}

static const char *judge_algorithm(const char *algorithm, struct dkim_proof *proof)
{
    if (!algorithm)
        return "it names no algorithm (a=)";
    if (text_equal_nocase(algorithm, "rsa-sha256"))
        proof->algorithm = DKIM_ALGORITHM_RSA_SHA256;
    else if (text_equal_nocase(algorithm, "ed25519-sha256"))
        proof->algorithm = DKIM_ALGORITHM_ED25519_SHA256;
    else if (text_equal_nocase(algorithm, "rsa-sha1"))
        return "it uses SHA-1, which RFC 8301 forbids";
    else
        return "its algorithm (a=) is not known";
    return "";
}

static const char *judge_canonical(const char *methods, bool *relaxed_body)
{
    static const char *const good[] = {"simple", "relaxed", "simple/simple", "relaxed/simple"};
    *relaxed_body = false;
    if (!methods)
        return "";
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (text_equal_nocase(methods, good[i]))
            return "";
    *relaxed_body = true;
    if (text_equal_nocase(methods, "simple/relaxed") || text_equal_nocase(methods, "relaxed/relaxed"))
        return "";
    return "its canonicalisation (c=) is not known";
}

static const char *judge_times(const struct dkim_tags *tags, int64_t now, struct dkim_proof *proof)
{
    const char *signed_at = dkim_tag(tags, "t"), *expires_at = dkim_tag(tags, "x");
    if ((signed_at && !take_number(signed_at, &proof->signed_at)) ||
        (expires_at && !take_number(expires_at, &proof->expires_at)))
        return "its times (t=, x=) cannot be read";
    if (signed_at && proof->signed_at > now + DKIM_CLOCK_DRIFT_S)
        return "it was made in the future";
    if (expires_at && signed_at && proof->expires_at <= proof->signed_at)
        return "it expires before it was made";
    return expires_at && proof->expires_at < now ? "it has expired" : "";
}

/* i= defaults to d= and may be below it, never elsewhere. */
static const char *judge_identity(const char *identity, const char *domain)
{
    if (!identity)
        return "";
    const char *at = strrchr(identity, '@');
    return at && name_is_plain(at + 1, 1) && name_is_within(at + 1, domain)
               ? ""
               : "its identity (i=) is outside d=";
}

static const char *judge_hashes(const struct dkim_tags *tags)
{
    const char *signature = dkim_tag(tags, "b"), *body = dkim_tag(tags, "bh");
    if (!signature || !dkim_is_base64(signature))
        return "its signature (b=) cannot be read";
    return body && dkim_is_base64(body) && strlen(body) == HASH_BASE64 ? ""
                                                                       : "its body hash (bh=) cannot be read";
}

static const char *judge_length(const char *length, struct dkim_signature *signature)
{
    int64_t number = 0;
    if (!length)
        return "";
    signature->proof.has_length = true;
    if (!take_number(length, &number))
        return "its length (l=) cannot be read";
    signature->length = (uint64_t)number;
    return "";
}

static const char *judge_query(const char *query)
{
    return !query || dkim_list_count(query, "dns/txt") ? "" : "its key is not to be found in DNS (q=)";
}

/* d= and s= first: the report names them even where nothing else is right. */
static enum result take_names(struct dkim_signature *signature, struct arena *arena)
{
    char name[NAME_MAX_BYTES + 1];
    struct dkim_proof *proof = &signature->proof;
    const char *domain = dkim_tag(&signature->tags, "d"), *selector = dkim_tag(&signature->tags, "s");
    proof->why = "its domain (d=) is missing or no domain";
    if (!domain || !name_is_plain(domain, 2) || !name_normalise(domain, name, sizeof name))
        return RESULT_OK;
    proof->domain = arena_strdup(arena, name);
    if (!proof->domain)
        return RESULT_TRY_LATER;
    proof->why = "its selector (s=) is missing or no name";
    if (!selector || !name_is_plain(selector, 1) || !name_normalise(selector, name, sizeof name))
        return RESULT_OK;
    proof->selector = arena_strdup(arena, name);
    signature->key_name = arena_printf(arena, "%s._domainkey.%s", proof->selector, proof->domain);
    proof->why = "";
    return proof->selector && signature->key_name ? RESULT_OK : RESULT_TRY_LATER;
}

/* The first complaint. */
static const char *judge(struct dkim_signature *signature, const struct header *header, int64_t now)
{
    const struct dkim_tags *tags = &signature->tags;
    struct dkim_proof *proof = &signature->proof;
    const char *version = dkim_tag(tags, "v"), *list = dkim_tag(tags, "h");
    if (!version || strcmp(version, "1") != 0)
        return "its version (v=) is not 1";
    if (!list || !is_header_list(list))
        return "its list of fields (h=) cannot be read";
    take_covers(header, list, proof);
    const char *const complaints[] = {
        judge_algorithm(dkim_tag(tags, "a"), proof),
        judge_canonical(dkim_tag(tags, "c"), &signature->relaxed_body),
        judge_hashes(tags),
        judge_query(dkim_tag(tags, "q")),
        judge_identity(dkim_tag(tags, "i"), proof->domain),
        judge_length(dkim_tag(tags, "l"), signature),
        judge_times(tags, now, proof),
        dkim_list_count(list, "from") ? "" : "From is not signed",
    };
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
        if (complaints[i][0])
            return complaints[i];
    return "";
}

enum result dkim_signature_read(const struct header *header, const struct header_field *field, int64_t now,
                                struct arena *arena, struct dkim_signature *signature)
{
    *signature = (struct dkim_signature){.field = field, .proof = {.why = "", .domain = "", .selector = ""}};
    size_t size = field->size - (size_t)(field->value - field->text);
    enum result result = dkim_tags_parse(field->value, size, arena, &signature->tags);
    if (result == RESULT_BAD_INPUT) {
        signature->proof.why = "its tags cannot be read";
        return RESULT_OK;
    }
    if (result == RESULT_OK)
        result = take_names(signature, arena);
    if (result != RESULT_OK || !signature->key_name)
        return result;
    signature->proof.why = judge(signature, header, now);
    if (signature->proof.why[0])
        signature->key_name = NULL;
    return RESULT_OK;
}

static const char *judge_key(const struct dkim_signature *signature, const struct dkim_key *key)
{
    bool ed25519 = signature->proof.algorithm == DKIM_ALGORITHM_ED25519_SHA256;
    if (key->why[0])
        return key->why;
    if (key->kind != (ed25519 ? DKIM_KEY_ED25519 : DKIM_KEY_RSA))
        return "its key is for another algorithm";
    const char *identity = dkim_tag(&signature->tags, "i");
    const char *at = identity ? strrchr(identity, '@') : NULL;
    if (key->strict && at && !text_equal_nocase(at + 1, signature->proof.domain))
        return "its key does not speak for sub-domains (t=s)";
    return "";
}

enum result dkim_signature_take_key(struct dkim_signature *signature, const struct dns_answer *answer,
                                    struct arena *arena)
{
    struct dkim_key key;
    struct dkim_proof *proof = &signature->proof;
    enum result result = dkim_key_read(answer, arena, &key);
    proof->dnssec = answer->dnssec;
    proof->try_later = key.try_later;
    proof->test_key = key.testing;
    if (result != RESULT_OK)
        return result;
    proof->why = judge_key(signature, &key);
    if (!proof->why[0])
        signature->key_text = (const char *)key.record->bytes;
    return RESULT_OK;
}
