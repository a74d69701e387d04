/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/explain.h"

#include "policy/names.h"

enum { LABEL_WIDTH = 12, WHY_ROOM = 400 };

static void put_label(const struct printer *printer, const char *label)
{
    printer_column(printer, label, LABEL_WIDTH, TINT_FAINT);
}

static void print_reason(const struct explanation *explanation, FILE *out)
{
    enum sender_lack lacks = explanation->facts ? explanation->facts->sender.lacks : LACK_NOTHING;
    const char *status = reason_status_of(explanation->reason, lacks);
    (void)fprintf(out, " %s%s%s%s", reason_name(explanation->reason), *status ? " (" : "", status,
                  *status ? ")" : "");
}

static void print_outcome(const struct printer *printer, const struct explanation *explanation)
{
    FILE *out = printer->out;
    put_label(printer, "verdict");
    printer_column(printer, verdict_name(explanation->verdict), 0,
                   printer_verdict_tint(explanation->verdict));
    if (explanation->reason != REASON_NONE)
        print_reason(explanation, out);
    (void)fputs(explanation->observe ? "; mode observe: nothing is enforced\n" : "\n", out);
    if (explanation->rule) {
        put_label(printer, "rule");
        (void)fprintf(out, "%s\n", explanation->rule->id);
        put_label(printer, "basis");
        printer_put(printer, explanation->rule->basis);
        (void)fputc('\n', out);
    }
    if (explanation->detail) {
        put_label(printer, "detail");
        printer_put(printer, explanation->detail);
        (void)fputc('\n', out);
    }
}

static void print_sender(const struct printer *printer, const struct sender_facts *sender)
{
    put_label(printer, "sender");
    (void)fprintf(printer->out, "%s: ", sender_class_name(sender->class));
    printer_put(printer, sender->why);
    (void)fputs("\n            envelope ", printer->out);
    printer_put(printer, sender->envelope_from && *sender->envelope_from ? sender->envelope_from : "<>");
    (void)fputs(", From ", printer->out);
    printer_put(printer, sender->from);
    (void)fputs(", login ", printer->out);
    printer_put(printer, sender->login);
    (void)fputc('\n', printer->out);
}

static void print_rcpt(const struct printer *printer, const struct rcpt_facts *rcpt,
                       const struct rcpt_decision *decided)
{
    FILE *out = printer->out;
    put_label(printer, "recipient");
    printer_put(printer, rcpt->address);
    (void)fprintf(out, ": %s, ", rcpt_class_name(rcpt->class));
    printer_put(printer, rcpt->why);
    if (rcpt->class == RCPT_GOVERNMENT || rcpt->class == RCPT_PARTNER)
        (void)fprintf(out, "; key %s", key_state_name(rcpt->key));
    if (rcpt->key_why)
        (void)fprintf(out, " (%s)", rcpt->key_why);
    if (rcpt->suggestion) {
        (void)fputs("; meant ", out);
        printer_put(printer, rcpt->suggestion);
        (void)fputc('?', out);
    }
    if (rcpt->returns == FACT_YES)
        (void)fputs("; all of it once came from this address", out);
    if (decided)
        (void)fprintf(out, "\n            -> %s%s%s%s%s", verdict_name(decided->verdict),
                      decided->reason != REASON_NONE ? " " : "", reason_name(decided->reason),
                      decided->rule ? " by " : "", decided->rule ? decided->rule->id : "");
    (void)fputc('\n', out);
}

static void print_forward(const struct printer *printer, const struct policy_facts *facts)
{
    char names[64];
    if (!facts->forward)
        return;
    forward_names(facts->forward, names, sizeof names);
    put_label(printer, "forward");
    (void)fprintf(printer->out, "%s: ", names);
    printer_put(printer, facts->forward_why);
    (void)fputc('\n', printer->out);
}

static void print_list(const struct printer *printer, const char *label, const char *const *texts)
{
    for (size_t i = 0; texts && texts[i]; i++) {
        (void)fputs(i ? "; " : "\n            ", printer->out);
        if (!i)
            (void)fprintf(printer->out, "%s: ", label);
        printer_put(printer, texts[i]);
    }
}

static void print_document(const struct printer *printer, const struct document_facts *document)
{
    FILE *out = printer->out;
    put_label(printer, "document");
    printer_put(printer, document->path);
    (void)fputc(' ', out);
    printer_put(printer, document->name);
    (void)fputs(" (", out);
    printer_put(printer, document->kind);
    (void)fprintf(out, ", %llu bytes), level %d %s%s%s%s%s", (unsigned long long)document->size_bytes,
                  document->level, level_name(document->level), document->unread ? ", unread" : "",
                  document->opaque ? ", opaque" : "", document->sealed ? ", sealed" : "",
                  document->ambiguous ? ", ambiguous" : "");
    if (document->resembles) {
        (void)fputs("\n            ", out);
        printer_known(printer, document->known_by, document->share, document->resembles);
    } else if (document->known == FACT_YES) {
        (void)fputs(", known to the journal", out);
    }
    if (document->why) {
        (void)fputs("\n            because: ", out);
        printer_put(printer, document->why);
    }
    print_list(printer, "marked", document->markings);
    print_list(printer, "reference", document->references);
    if (document->sha256)
        (void)fprintf(out, "\n            sha256 %s", document->sha256);
    (void)fputc('\n', out);
}

static void print_trials(const struct printer *printer, const struct explanation *explanation)
{
    const struct decision *decision = explanation->decision;
    const struct policy_facts *facts = explanation->facts;
    char why[WHY_ROOM];
    for (size_t i = 0; i < decision->n_trials; i++) {
        const struct rule_trial *trial = &decision->trials[i];
        if (i == 0 || decision->trials[i - 1].rcpt != trial->rcpt) {
            (void)fputs("rules tried for ", printer->out);
            printer_put(printer, facts->rcpts[trial->rcpt].address);
            (void)fputc('\n', printer->out);
        }
        trial_why(facts, trial, why, sizeof why);
        const char *mark = trial->unknown                      ? "?"
                           : !trial->matched                   ? "no"
                           : trial->rule->mode == RULE_MONITOR ? "monitor"
                                                               : "yes";
        (void)fputs("  ", printer->out);
        printer_column(printer, mark, 8,
                       trial->matched   ? TINT_GOOD
                       : trial->unknown ? TINT_WARN
                                        : TINT_FAINT);
        printer_column(printer, trial->rule->id, 24, TINT_NONE);
        (void)fprintf(printer->out, " %s\n", why);
    }
}

void explain_text(const struct explanation *explanation, FILE *out)
{
    struct printer printer;
    const struct policy_facts *facts = explanation->facts;
    char content[64];
    printer_init(&printer, out);
    print_outcome(&printer, explanation);
    if (!facts)
        return;
    content_names(facts->content, content, sizeof content);
    put_label(&printer, "role");
    (void)fprintf(out, "%s\n", role_name(facts->role));
    print_sender(&printer, &facts->sender);
    put_label(&printer, "content");
    (void)fprintf(out, "%s, level %d %s\n", content, facts->level, level_name(facts->level));
    print_forward(&printer, facts);
    for (size_t i = 0; i < facts->n_documents; i++)
        print_document(&printer, &facts->documents[i]);
    for (size_t i = 0; i < facts->n_rcpts; i++)
        print_rcpt(&printer, &facts->rcpts[i],
                   explanation->decision ? &explanation->decision->rcpts[i] : NULL);
    if (explanation->decision)
        print_trials(&printer, explanation);
}
