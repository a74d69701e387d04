/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/domains_test.h"

#include <string.h>

enum { NAME_WIDTH = 10, STATE_WIDTH = 10, RECORD_SHOWN = 1000, TXT_STRING_MAX = 255, TOLD_MAX = 512 };

static const struct {
    const char *word;
    enum tint tint;
} states[] = {[SURVEY_GOOD] = {"good", TINT_GOOD},
              [SURVEY_ABSENT] = {"missing", TINT_WARN},
              [SURVEY_UNKNOWN] = {"unknown", TINT_WARN},
              [SURVEY_BAD] = {"wrong", TINT_BAD}};

static void head(const struct printer *printer, const char *name, enum survey_state state)
{
    printer_column(printer, name, NAME_WIDTH, TINT_HEAD);
    printer_column(printer, states[state].word, STATE_WIDTH, states[state].tint);
}

static void put_long(const struct printer *printer, const char *text)
{
    struct buffer safe;
    buffer_init(&safe, 0);
    printer_safe(&safe, text, RECORD_SHOWN);
    (void)fprintf(printer->out, "%s\n", buffer_text(&safe));
    buffer_free(&safe);
}

/* A further line of the same subject. */
static void more(const struct printer *printer, const char *text)
{
    if (!text || !*text)
        return;
    (void)fprintf(printer->out, "%*s", NAME_WIDTH + STATE_WIDTH, "");
    put_long(printer, text);
}

static void notes(const struct printer *printer, const struct survey_notes *notes)
{
    for (size_t i = 0; i < notes->n; i++)
        more(printer, notes->texts[i]);
}

static const char *dnssec_words(enum proof_dnssec dnssec)
{
    switch (dnssec) {
    case PROOF_DNSSEC_SECURE:
        return "signed with DNSSEC";
    case PROOF_DNSSEC_INSECURE:
        return "not signed with DNSSEC";
    case PROOF_DNSSEC_UNCHECKED:
        break;
    }
    return "";
}

static void show_spf(const struct printer *printer, const struct domains_tested *tested)
{
    const struct survey_spf *spf = &tested->survey.spf;
    char counts[TOLD_MAX];
    unsigned least = spf->voids[0] < spf->voids[1] ? spf->voids[0] : spf->voids[1];
    head(printer, "SPF", spf->state);
    put_long(printer, spf->record ? spf->record : spf->why);
    if (!spf->record)
        return;
    more(printer, spf->why);
    (void)snprintf(counts, sizeof counts, "%u of 10 look-ups, %u of 2 that find nothing", spf->lookups,
                   least);
    more(printer, counts);
    notes(printer, &spf->notes);
    more(printer, dnssec_words(spf->dnssec));
}

static void show_key(const struct printer *printer, const struct survey_key *key)
{
    head(printer, "DKIM", key->state);
    (void)fprintf(printer->out, "%s:", key->selector);
    if (key->bits)
        (void)fprintf(printer->out, " %s, %u bits%s", key->key.kind == DKIM_KEY_RSA ? "RSA" : "Ed25519",
                      key->bits, key->why[0] ? ":" : "");
    (void)fprintf(printer->out, "%s%s\n", key->why[0] ? " " : "", key->why);
    notes(printer, &key->notes);
    if (key->key.record)
        more(printer, dnssec_words(key->dnssec));
}

static void show_keys(const struct printer *printer, const struct domains_tested *tested)
{
    for (size_t i = 0; i < tested->survey.n_keys; i++)
        show_key(printer, &tested->survey.keys[i]);
    if (tested->survey.n_keys)
        return;
    printer_column(printer, "DKIM", NAME_WIDTH, TINT_HEAD);
    printer_column(printer, "untested", STATE_WIDTH, TINT_WARN);
    (void)fputs("no selector was given: it stands after s= in the DKIM-Signature of a message from there\n",
                printer->out);
}

static void show_dmarc(const struct printer *printer, const struct domains_tested *tested)
{
    const struct survey_dmarc *dmarc = &tested->survey.dmarc;
    head(printer, "DMARC", dmarc->state);
    put_long(printer, dmarc->record ? dmarc->record : dmarc->why);
    if (!dmarc->record)
        return;
    more(printer, dmarc->why);
    if (strcmp(dmarc->found_at, tested->survey.domain) != 0)
        (void)fprintf(printer->out, "%*sfrom the domain above, %s\n", NAME_WIDTH + STATE_WIDTH, "",
                      dmarc->found_at);
    notes(printer, &dmarc->notes);
}

static void show_mx(const struct printer *printer, const struct domains_tested *tested)
{
    static const char *const addresses[] = {[SURVEY_GOOD] = "",
                                            [SURVEY_ABSENT] = " (has no address)",
                                            [SURVEY_UNKNOWN] = " (its address is not known)",
                                            [SURVEY_BAD] = " (has no usable address)"};
    const struct survey_mx *mx = &tested->survey.mx;
    head(printer, "MX", mx->state);
    if (mx->state != SURVEY_GOOD)
        put_long(printer, mx->why);
    for (size_t i = 0; i < mx->n_hosts; i++) {
        char told[TOLD_MAX];
        (void)snprintf(told, sizeof told, "%u %s%s", mx->hosts[i].preference, mx->hosts[i].name,
                       addresses[mx->hosts[i].state]);
        if (i == 0 && mx->state == SURVEY_GOOD)
            put_long(printer, told);
        else
            more(printer, told);
    }
    if (mx->n_more)
        (void)fprintf(printer->out, "%*sand %zu more\n", NAME_WIDTH + STATE_WIDTH, "", mx->n_more);
}

static void show_entry(const struct printer *printer, const struct domains_tested *tested)
{
    const struct registry_entry *entry = tested->entry;
    printer_column(printer, tested->survey.domain, 0, TINT_HEAD);
    if (!entry)
        (void)fputs(": in no entry of the registry; tested as a new entry that demands both\n\n",
                    printer->out);
    else
        (void)fprintf(printer->out, ": %s, entry %s, which demands %s%s%s\n\n",
                      entry->kind == REGISTRY_PARTNER ? "partner" : "government", entry->domain,
                      domains_proof_name(entry->proof), entry->dnssec ? " with DNSSEC" : "",
                      tested->expired ? "; its last day is over" : "");
}

static void show_reason(const struct printer *printer, const char *what, enum demand_state state,
                        const char *why)
{
    if (state != DEMAND_MET)
        (void)fprintf(printer->out, "%*s%s: %s\n", NAME_WIDTH + STATE_WIDTH, "", what, why);
}

static void show_answer(const struct printer *printer, const struct domains_tested *tested)
{
    static const struct {
        const char *word, *sentence;
        enum tint tint;
    } answers[] = {
        [DEMAND_MET] = {"met", "mail from there can show what is demanded", TINT_GOOD},
        [DEMAND_UNKNOWN] = {"unknown", "DNS did not say enough: try later", TINT_WARN},
        [DEMAND_UNTESTED] = {"untested", "name the DKIM selectors with --selector", TINT_WARN},
        [DEMAND_NOT_MET] = {"not met", "mail from there cannot show what is demanded", TINT_BAD},
    };
    const struct demand_answer *answer = &tested->answer;
    enum registry_proof proof = tested->demand.proof;
    enum demand_state state = domains_tested_state(tested);
    (void)fputc('\n', printer->out);
    printer_column(printer, "proof", NAME_WIDTH, TINT_HEAD);
    printer_column(printer, answers[state].word, STATE_WIDTH, answers[state].tint);
    (void)fprintf(printer->out, "%s: %s\n", domains_proof_name(proof),
                  tested->expired ? "the entry's last day is over" : answers[state].sentence);
    if (state == DEMAND_MET && proof != PROOF_EITHER)
        return;
    if (proof != PROOF_DKIM)
        show_reason(printer, "SPF", answer->spf, answer->spf_why);
    if (proof != PROOF_SPF)
        show_reason(printer, "DKIM", answer->dkim, answer->dkim_why);
}

static void show_could(const struct printer *printer, const struct domains_tested *tested)
{
    const char *comma = "";
    (void)fprintf(printer->out, "%*san entry could demand ", NAME_WIDTH + STATE_WIDTH, "");
    for (int proof = 0; proof < PROOF_COUNT; proof++) {
        if (!tested->could[proof])
            continue;
        (void)fprintf(printer->out, "%s%s", comma, domains_proof_name((enum registry_proof)proof));
        comma = ", ";
    }
    (void)fprintf(printer->out, "%s\n", *comma ? "" : "none of the proofs now");
}

/* A TXT record's strings have at most 255 octets each; an escape counts as one and is not cut. */
static void put_strings(const struct printer *printer, const char *value)
{
    unsigned octets = 0;
    (void)fputc('"', printer->out);
    while (*value) {
        size_t length = *value != '\\' || !value[1] ? 1 : value[1] >= '0' && value[1] <= '9' ? 4 : 2;
        if (octets++ == TXT_STRING_MAX) {
            (void)fputs("\" \"", printer->out);
            octets = 1;
        }
        (void)fprintf(printer->out, "%.*s", (int)length, value);
        value += strnlen(value, length);
    }
    (void)fputs("\"\n", printer->out);
}

static void show_suggestions(const struct printer *printer, const struct domains_tested *tested)
{
    const struct suggestions *suggestions = &tested->suggestions;
    if (suggestions->n)
        (void)fputs("\nTo publish, as lines of the zone:\n", printer->out);
    for (size_t i = 0; i < suggestions->n; i++) {
        const struct suggestion *one = &suggestions->all[i];
        (void)fprintf(printer->out, "; %s\n%s. IN TXT ", one->why, one->name);
        put_strings(printer, one->value);
    }
}

void domains_test_text(const struct printer *printer, const struct domains_tested *tested)
{
    show_entry(printer, tested);
    show_spf(printer, tested);
    show_keys(printer, tested);
    show_dmarc(printer, tested);
    show_mx(printer, tested);
    show_answer(printer, tested);
    show_could(printer, tested);
    show_suggestions(printer, tested);
}
