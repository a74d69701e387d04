/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/auth_results.h"

#include "base/buffer.h"
#include "policy/names.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 77, VALUE_MAX = 16 * 1024, REASON_MAX = 120, PROPERTY_MAX = 512 };

struct writer {
    struct buffer text;
    size_t column; /* on the line under way, a tab counted as one */
};

/* A word that cannot be broken, on a new line when there is no room left on this one. */
static void put_word(struct writer *writer, const char *word, size_t size)
{
    bool fits = writer->column + 1 + size <= COLUMNS;
    buffer_puts(&writer->text, fits ? " " : "\n\t");
    buffer_append(&writer->text, word, size);
    writer->column = (fits ? writer->column : 0) + 1 + size;
}

static void put_property(struct writer *writer, const char *name, const char *value)
{
    char word[PROPERTY_MAX];
    if (!*value)
        return;
    (void)snprintf(word, sizeof word, "%s=%s", name, value);
    put_word(writer, word, strlen(word));
}

/* One phrase of ours or of a library's, as a quoted string; folds may stand at its blanks. */
static void put_reason(struct writer *writer, const char *why)
{
    char quoted[2 * REASON_MAX + 16] = "reason=\"";
    size_t used = strlen(quoted);
    if (!*why)
        return;
    for (size_t i = 0; i < REASON_MAX && why[i]; i++) {
        if (why[i] == '"' || why[i] == '\\')
            quoted[used++] = '\\';
        quoted[used++] = why[i] >= ' ' && why[i] <= '~' ? why[i] : '?';
    }
    quoted[used++] = '"';
    for (size_t at = 0; at < used;) {
        size_t size = 0;
        while (at + size < used && quoted[at + size] != ' ')
            size++;
        if (size)
            put_word(writer, quoted + at, size);
        at += size + 1;
    }
}

static void put_method(struct writer *writer, const char *method, const char *result)
{
    buffer_puts(&writer->text, ";\n\t");
    buffer_printf(&writer->text, "%s=%s", method, result);
    writer->column = 1 + strlen(method) + 1 + strlen(result);
}

/* A policy that lets everybody send gives a "pass" that proves nothing: a matter of local policy (2.7.2). */
static const char *spf_result(const struct spf_proof *spf)
{
    switch (spf->verdict) {
    case SPF_PROOF_NONE:
        return "none";
    case SPF_PROOF_NEUTRAL:
        return "neutral";
    case SPF_PROOF_PASS:
        return spf->everybody ? "policy" : "pass";
    case SPF_PROOF_FAIL:
        return "fail";
    case SPF_PROOF_SOFTFAIL:
        return "softfail";
    case SPF_PROOF_TEMPERROR:
        return "temperror";
    case SPF_PROOF_PERMERROR:
        break;
    }
    return "permerror";
}

static void put_spf(struct writer *writer, const struct spf_proof *spf, enum sender_class sender,
                    const char *seal)
{
    put_method(writer, "spf", spf_result(spf));
    if (spf->everybody)
        put_reason(writer, "the policy lets every client send");
    else if (spf->verdict != SPF_PROOF_PASS)
        put_reason(writer, spf->why);
    put_property(writer, spf->helo ? "smtp.helo" : "smtp.mailfrom", spf->domain);
    put_property(writer, "policy.khatm-sender", sender_class_name(sender));
    put_property(writer, "policy.khatm-seal", seal ? seal : "");
}

/* RFC 8601, 2.7.1. What verifies and yet does not count is "policy"; what never came to be verified, whatever
 * the reason, "neutral". */
static const char *dkim_result(const struct dkim_proof *signature)
{
    if (signature->counts)
        return "pass";
    if (signature->try_later)
        return "temperror";
    if (signature->signature_matches && signature->body_hash_matches)
        return "policy";
    if (signature->bits) /* a key that was used */
        return "fail";
    bool unwanted =
        signature->test_key || signature->has_length || signature->algorithm == DKIM_ALGORITHM_OTHER;
    return unwanted ? "policy" : "neutral";
}

static void put_signature(struct writer *writer, const struct dkim_proof *signature)
{
    static const char *const algorithms[] = {[DKIM_ALGORITHM_OTHER] = "",
                                             [DKIM_ALGORITHM_RSA_SHA256] = "rsa-sha256",
                                             [DKIM_ALGORITHM_ED25519_SHA256] = "ed25519-sha256"};
    put_method(writer, "dkim", dkim_result(signature));
    put_reason(writer, signature->why);
    put_property(writer, "header.d", signature->domain);
    put_property(writer, "header.s", signature->selector);
    put_property(writer, "header.a", algorithms[signature->algorithm]);
}

static void put_signatures(struct writer *writer, const struct proofs *proofs)
{
    size_t n = 0;
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < proofs->n_signatures && n < AUTH_RESULTS_SIGNATURES_MAX; i++)
            if (proofs->signatures[i].counts == (pass == 0)) {
                put_signature(writer, &proofs->signatures[i]);
                n++;
            }
    if (!n)
        put_method(writer, "dkim", "none");
}

const char *auth_results_compose(const char *node, const struct proofs *proofs, enum sender_class sender,
                                 const char *seal, struct arena *arena)
{
    struct writer writer;
    buffer_init(&writer.text, VALUE_MAX);
    buffer_printf(&writer.text, " %s", node);
    put_spf(&writer, &proofs->spf, sender, seal);
    put_signatures(&writer, proofs);
    const char *value = writer.text.failed ? NULL : arena_strdup(arena, buffer_text(&writer.text));
    buffer_free(&writer.text);
    return value;
}
