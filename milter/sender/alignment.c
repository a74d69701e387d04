/* SPDX-License-Identifier: Apache-2.0 */
#include "sender/alignment.h"

#include <string.h>

/* What one of the two says. */
struct half {
    enum fact proved;
    enum sender_lack lacks;
    const char *why;
};

static bool is_aligned(const struct alignment_input *input, const char *domain)
{
    if (input->entry->strict)
        return strcmp(domain, input->from_domain) == 0;
    return registry_find(input->registry, domain) == input->entry;
}

static bool is_signed_zone(const struct alignment_input *input, enum proof_dnssec dnssec)
{
    return !input->entry->dnssec || dnssec == PROOF_DNSSEC_SECURE;
}

static struct half half_of(enum fact proved, enum sender_lack lacks, const char *why)
{
    return (struct half){proved, lacks, why};
}

/* How much a signature says: the message's best one speaks for it. */
enum rank { RANK_NOTHING, RANK_OTHER, RANK_UNFIT, RANK_UNKNOWN, RANK_PROOF };

static enum rank rank_of(const struct alignment_input *input, const struct dkim_proof *signature)
{
    bool aligned = is_aligned(input, signature->domain);
    if (signature->counts && aligned && is_signed_zone(input, signature->dnssec))
        return RANK_PROOF;
    if (signature->try_later && aligned)
        return RANK_UNKNOWN;
    bool hashes = signature->signature_matches && signature->body_hash_matches;
    if (aligned && (hashes || signature->counts))
        return RANK_UNFIT;
    return signature->counts ? RANK_OTHER : RANK_NOTHING;
}

static struct half judge_dkim(const struct alignment_input *input, struct arena *arena)
{
    const struct proofs *proofs = input->proofs;
    const struct dkim_proof *best = NULL;
    enum rank rank = RANK_NOTHING;
    for (size_t i = 0; i < proofs->n_signatures; i++) {
        enum rank one = rank_of(input, &proofs->signatures[i]);
        if (best && one <= rank)
            continue;
        best = &proofs->signatures[i];
        rank = one;
    }
    if (!best)
        return half_of(FACT_NO, LACK_DKIM, "not signed");
    switch (rank) {
    case RANK_PROOF:
        return half_of(FACT_YES, LACK_NOTHING, arena_printf(arena, "signed by %s", best->domain));
    case RANK_UNKNOWN:
        return half_of(FACT_UNKNOWN, LACK_DKIM,
                       arena_printf(arena, "the key of %s could not be asked for", best->domain));
    case RANK_UNFIT:
        return half_of(FACT_NO, LACK_DKIM_UNFIT,
                       best->counts ? "the key is not in a zone signed with DNSSEC" : best->why);
    case RANK_OTHER:
        return half_of(FACT_NO, LACK_DKIM_OTHER,
                       arena_printf(arena, "signed by %s, which does not speak for %s", best->domain,
                                    input->from_domain));
    case RANK_NOTHING:
        break;
    }
    return half_of(FACT_NO, LACK_DKIM,
                   arena_printf(arena, "the signature of %s does not count: %s",
                                *best->domain ? best->domain : "nobody", best->why));
}

/* Alone, SPF proves an envelope and says nothing of From but where they are the same. */
static struct half judge_spf(const struct alignment_input *input, bool alone, struct arena *arena)
{
    const struct spf_proof *spf = &input->proofs->spf;
    bool aligned = is_aligned(input, spf->domain);
    bool same = strcmp(spf->domain, input->from_domain) == 0;
    if (spf->helo)
        return half_of(FACT_NO, LACK_SPF, "MAIL FROM is null, and a HELO name proves nothing");
    switch (spf->verdict) {
    case SPF_PROOF_PASS:
        break;
    case SPF_PROOF_TEMPERROR:
        return half_of(FACT_UNKNOWN, LACK_SPF, spf->why);
    case SPF_PROOF_PERMERROR:
        return half_of(FACT_NO, LACK_SPF_ERROR, spf->why);
    case SPF_PROOF_NONE:
    case SPF_PROOF_NEUTRAL:
    case SPF_PROOF_FAIL:
    case SPF_PROOF_SOFTFAIL:
        return half_of(FACT_NO, LACK_SPF, spf->why);
    }
    if (spf->everybody)
        return half_of(FACT_NO, LACK_SPF_ERROR,
                       arena_printf(arena, "the policy of %s lets every client send", spf->domain));
    if (!aligned || (alone && !same))
        return half_of(FACT_NO, LACK_SPF,
                       arena_printf(arena, "it speaks for the envelope's %s, From is %s", spf->domain,
                                    input->from_domain));
    if (!is_signed_zone(input, spf->dnssec))
        return half_of(FACT_NO, LACK_SPF_ERROR, "the record is not in a zone signed with DNSSEC");
    return half_of(FACT_YES, LACK_NOTHING, arena_printf(arena, "the client is one of %s", spf->domain));
}

/* DNS trouble that no half knows of: nothing that does not pass is certain. */
static void doubt(const struct proofs *proofs, struct half *half)
{
    if (!proofs->try_later || half->proved == FACT_YES)
        return;
    for (size_t i = 0; i < proofs->n_signatures; i++)
        if (proofs->signatures[i].try_later)
            return;
    if (proofs->spf.verdict == SPF_PROOF_TEMPERROR)
        return;
    *half = half_of(FACT_UNKNOWN, half->lacks, proofs->try_later_why);
}

static struct half either_of(struct half dkim, struct half spf)
{
    if (dkim.proved == FACT_YES)
        return dkim;
    if (spf.proved == FACT_YES)
        return spf;
    bool unknown = dkim.proved == FACT_UNKNOWN || spf.proved == FACT_UNKNOWN;
    return half_of(unknown ? FACT_UNKNOWN : FACT_NO, LACK_PROOFS, NULL);
}

/* A proof that is certainly missing is not made good by another that may yet come. */
static struct half both_of(struct half dkim, struct half spf)
{
    if (dkim.proved == FACT_NO && spf.proved == FACT_NO)
        return half_of(FACT_NO, LACK_PROOFS, NULL);
    if (dkim.proved == FACT_NO)
        return half_of(FACT_NO, dkim.lacks, NULL);
    if (spf.proved == FACT_NO)
        return half_of(FACT_NO, spf.lacks, NULL);
    bool unknown = dkim.proved == FACT_UNKNOWN || spf.proved == FACT_UNKNOWN;
    return half_of(unknown ? FACT_UNKNOWN : FACT_YES, unknown ? LACK_PROOFS : LACK_NOTHING, NULL);
}

static struct half sum_of(enum registry_proof proof, struct half dkim, struct half spf)
{
    switch (proof) {
    case PROOF_DKIM:
        return dkim;
    case PROOF_SPF:
        return spf;
    case PROOF_BOTH:
        return both_of(dkim, spf);
    case PROOF_EITHER:
        break;
    }
    return either_of(dkim, spf);
}

enum result alignment_judge(const struct alignment_input *input, struct arena *arena,
                            struct alignment *alignment_out)
{
    struct half dkim = judge_dkim(input, arena);
    struct half spf = judge_spf(input, input->proof != PROOF_BOTH, arena);
    bool shows_dkim = input->proof != PROOF_SPF, shows_spf = input->proof != PROOF_DKIM;
    doubt(input->proofs, &dkim);
    doubt(input->proofs, &spf);
    if (!dkim.why || !spf.why)
        return RESULT_TRY_LATER;
    struct half sum = sum_of(input->proof, dkim, spf);
    *alignment_out = (struct alignment){
        .proved = sum.proved,
        .lacks = sum.proved == FACT_YES ? LACK_NOTHING : sum.lacks,
        .why = arena_printf(arena, "%s%s%s%s%s", shows_dkim ? "DKIM: " : "", shows_dkim ? dkim.why : "",
                            shows_dkim && shows_spf ? "; " : "", shows_spf ? "SPF: " : "",
                            shows_spf ? spf.why : ""),
    };
    return alignment_out->why ? RESULT_OK : RESULT_TRY_LATER;
}
