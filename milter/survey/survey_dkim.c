/* SPDX-License-Identifier: Apache-2.0 */
#include "base/public_key.h"
#include "survey/survey.h"

#include <string.h>

enum { ED25519_BITS = 256, ED25519_BASE64 = 44, RSA_BITS_RECOMMENDED = 2048 };

/* What the record itself does not show: whether the key in it is one. */
static const char *judge_strength(struct survey_key *out)
{
    const char *data = dkim_tag(&out->key.tags, "p");
    switch (out->key.kind) {
    case DKIM_KEY_OTHER:
        return "its key is of a kind (k=) that is not known here";
    case DKIM_KEY_ED25519:
        if (strlen(data) != ED25519_BASE64 || data[ED25519_BASE64 - 2] == '=')
            return "its key cannot be read";
        out->bits = ED25519_BITS;
        return "";
    case DKIM_KEY_RSA:
        if (public_key_rsa_bits(data, &out->bits) != RESULT_OK)
            return "its key cannot be read";
        if (out->bits < DKIM_RSA_BITS_MIN)
            return "its key is shorter than 1024 bits";
        if (out->bits < RSA_BITS_RECOMMENDED)
            survey_note(&out->notes, "its key is shorter than the 2048 bits that are recommended");
        return "";
    }
    return "";
}

/* The digits behind p= end the record that must be there. */
static bool is_own(const struct survey_key *out)
{
    const char *wanted = strstr(out->own, "p="), *data = dkim_tag(&out->key.tags, "p");
    return wanted && data && strcmp(wanted + 2, data) == 0;
}

void survey_dkim(struct resolver *resolver, struct arena *arena, const char *domain, struct survey_key *out)
{
    const char *name = survey_say(arena, "%s._domainkey.%s", out->selector, domain);
    const struct dns_answer *answer = resolver_ask(resolver, name, DNS_TXT);
    *out = (struct survey_key){
        .selector = out->selector, .own = out->own, .dnssec = answer->dnssec, .state = SURVEY_BAD};
    if (dkim_key_read(answer, arena, &out->key) != RESULT_OK) {
        out->state = SURVEY_UNKNOWN;
        out->why = "no memory for its key";
        return;
    }
    out->why = survey_say(arena, "%s", out->key.why);
    if (out->key.try_later)
        out->state = SURVEY_UNKNOWN;
    else if (answer->status == DNS_VOID)
        out->state = SURVEY_ABSENT;
    if (!out->key.record)
        return;
    out->record = survey_zone_text(arena, out->key.record);
    bool readable = !out->key.revoked && dkim_is_base64(dkim_tag(&out->key.tags, "p"));
    const char *weak = readable ? judge_strength(out) : "";
    if (!out->why[0])
        out->why = weak;
    if (!out->why[0] && out->own && !is_own(out))
        out->why = "it is another key than the one that signs here";
    if (!out->why[0])
        out->state = SURVEY_GOOD;
    if (out->key.strict)
        survey_note(&out->notes, "t=s: it does not speak for sub-domains");
}
