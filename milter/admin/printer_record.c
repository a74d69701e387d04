/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/printer.h"

#include "policy/names.h"

#include <inttypes.h>
#include <string.h>

enum { LABEL_WIDTH = 12, INDENT = 4 };

/* Starts a line; a NULL label continues the one above. */
static void label(const struct printer *printer, const char *text)
{
    (void)fprintf(printer->out, "%*s", INDENT, "");
    printer_column(printer, text ? text : "", LABEL_WIDTH, TINT_FAINT);
}

static void print_head(const struct printer *printer, const struct record *record)
{
    char when[21];
    printer_time(record->time_ms, when);
    printer_column(printer, record->reference, 0, TINT_HEAD);
    (void)fprintf(printer->out, "  %s UTC  ", when);
    printer_column(printer, printer_verdict(record->verdict), 0, printer_verdict_tint(record->verdict));
    if (record->reason != REASON_NONE)
        (void)fprintf(printer->out, "  %s, %s", reason_name(record->reason), printer_reason(record->reason));
    if (record->observed)
        (void)fputs(record->verdict == VERDICT_REJECT ? "  (observed only: it went out unchanged)"
                                                      : "  (observed only)",
                    printer->out);
    (void)fputc('\n', printer->out);
}

static void print_sender(const struct printer *printer, const struct record *record)
{
    const char *envelope = record->envelope_from && !*record->envelope_from ? "<>" : record->envelope_from;
    label(printer, "by");
    printer_put(printer, record->login ? record->login : envelope ? envelope : record->from);
    (void)fprintf(printer->out, " (%s", sender_class_name(record->sender));
    if (record->login)
        (void)fputs(", logged in", printer->out);
    if (record->client_address) {
        (void)fputs(", from ", printer->out);
        printer_put(printer, record->client_address);
    }
    (void)fputs(")\n", printer->out);
    if (record->login && envelope && strcmp(envelope, record->login) != 0) {
        label(printer, "envelope");
        printer_put(printer, envelope);
        (void)fputc('\n', printer->out);
    }
    if (record->from && (!envelope || strcmp(record->from, envelope) != 0)) {
        label(printer, "From");
        printer_put(printer, record->from);
        (void)fputc('\n', printer->out);
    }
}

/* What a sender who is not believed was not believed for. */
static void print_lacks(const struct printer *printer, const struct record *record)
{
    bool inbound = record->role == ROLE_INBOUND;
    const char *const words[SENDER_LACK_COUNT] = {
        [LACK_LOGIN] = "nobody was logged in",
        [LACK_TLS] = "the connection was not protected enough",
        [LACK_FROM] = "From is missing, several, or can be read in two ways",
        [LACK_AUTHOR] = "From is not an address of this login",
        [LACK_ENVELOPE] = inbound ? "the envelope sender is not of From's entry in the registry"
                                  : "the envelope sender is not an address of this login",
        [LACK_ENTRY] = "a domain of ours that is not in the registry",
        [LACK_DKIM] = "no DKIM signature passes",
        [LACK_DKIM_UNFIT] = "a DKIM signature passes, but may not count",
        [LACK_DKIM_OTHER] = "the DKIM signature is another domain's",
        [LACK_SPF] = "it came from a server that SPF does not name",
        [LACK_SPF_ERROR] = "the SPF record cannot be understood, or not be trusted",
        [LACK_PROOFS] = "neither DKIM nor SPF shows what the registry demands",
        [LACK_TICKET] = "no ticket says that somebody of ours sent this message",
    };
    if (record->lacks == LACK_NOTHING)
        return;
    label(printer, "lacks");
    (void)fprintf(printer->out, "%s: %s\n", sender_lack_name(record->lacks), words[record->lacks]);
}

static int widest_address(const struct record *record)
{
    enum { WIDEST = 44 };
    size_t widest = 0;
    for (size_t i = 0; i < record->n_rcpts; i++) {
        size_t length = record->rcpts[i].address ? strlen(record->rcpts[i].address) : 1;
        if (length > widest)
            widest = length;
    }
    return widest > WIDEST ? WIDEST : (int)widest;
}

static void print_rcpt(const struct printer *printer, const struct record *record,
                       const struct record_rcpt *rcpt, bool first, int width)
{
    enum { CLASS_WIDTH = 12, VERDICT_WIDTH = 10 };
    bool held_back =
        record->verdict >= VERDICT_TRY_LATER && rcpt->verdict < VERDICT_TRY_LATER && !record->observed;
    label(printer, first ? "to" : NULL);
    printer_column(printer, rcpt->address, width + 2, TINT_NONE);
    printer_column(printer, rcpt_class_name(rcpt->class), CLASS_WIDTH, TINT_NONE);
    if (rcpt->typed) {
        (void)fputs("for ", printer->out);
        printer_put(printer, rcpt->typed);
        (void)fputs("  ", printer->out);
    }
    if (held_back) {
        (void)fprintf(printer->out, "not sent: the message was %s as a whole\n",
                      printer_verdict(record->verdict));
        return;
    }
    printer_column(printer, printer_verdict(rcpt->verdict), VERDICT_WIDTH,
                   printer_verdict_tint(rcpt->verdict));
    if (rcpt->reason != REASON_NONE)
        (void)fprintf(printer->out, "%s  ", reason_name(rcpt->reason));
    if (rcpt->rule) {
        (void)fputs("rule ", printer->out);
        printer_put(printer, rcpt->rule);
    }
    (void)fputc('\n', printer->out);
}

static void print_size(FILE *out, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB"};
    double size = (double)bytes / 1000;
    size_t unit = 0;
    if (bytes < 1000) {
        (void)fprintf(out, "%" PRIu64 " bytes", bytes);
        return;
    }
    for (; size >= 999.5 && unit < 2; unit++)
        size /= 1000;
    (void)fprintf(out, size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

static void print_document(const struct printer *printer, const struct record_document *document, bool first)
{
    FILE *out = printer->out;
    label(printer, first ? "document" : NULL);
    printer_put(printer, document->name ? document->name : "(no name)");
    (void)fputs("  part ", out);
    printer_put(printer, document->path);
    (void)fputs(", ", out);
    printer_put(printer, document->kind);
    (void)fputs(", ", out);
    print_size(out, document->size_bytes);
    (void)fprintf(out, ", level %d %s%s%s%s", document->level, level_name(document->level),
                  document->unread ? ", unread" : "", document->opaque ? ", encrypted" : "",
                  document->ambiguous ? ", ambiguous" : "");
    if (document->caveats) {
        char names[128];
        caveat_names(document->caveats, names, sizeof names);
        (void)fprintf(out, ", %s", names);
    }
    (void)fputc('\n', out);
    for (size_t i = 0; document->references && document->references[i]; i++) {
        label(printer, NULL);
        (void)fputs("number ", out);
        printer_put(printer, document->references[i]);
        (void)fputc('\n', out);
    }
    if (document->known_by != KNOWN_BY_NOTHING) {
        label(printer, NULL);
        printer_known(printer, document->known_by, document->share, document->known_from);
        (void)fputc('\n', out);
    }
    if (document->sha256) {
        label(printer, NULL);
        (void)fputs("sha256 ", out);
        printer_put(printer, document->sha256);
        (void)fputc('\n', out);
    }
}

static void print_text(const struct printer *printer, const char *name, const char *value)
{
    if (!value)
        return;
    label(printer, name);
    printer_put(printer, value);
    (void)fputc('\n', printer->out);
}

/* The message's rule is that of its strictest recipient, whose line has it already. */
static bool told_by_rcpts(const struct record *record)
{
    for (size_t i = 0; record->rule && i < record->n_rcpts; i++)
        if (record->rcpts[i].rule && strcmp(record->rcpts[i].rule, record->rule) == 0)
            return true;
    return false;
}

/* Of one rule: where several refused, it is said which. */
static void print_basis(const struct printer *printer, const struct record *record)
{
    bool several = false;
    for (size_t i = 0; record->rule && i < record->n_rcpts; i++)
        several |= record->rcpts[i].verdict == VERDICT_REJECT && record->rcpts[i].rule &&
                   strcmp(record->rcpts[i].rule, record->rule) != 0;
    if (!record->basis)
        return;
    label(printer, "basis");
    if (several) {
        (void)fputs("of ", printer->out);
        printer_put(printer, record->rule);
        (void)fputs(": ", printer->out);
    }
    printer_put(printer, record->basis);
    (void)fputc('\n', printer->out);
}

static void print_reply(const struct printer *printer, const struct record *record)
{
    if (record->reply == REPLY_SENT)
        return;
    label(printer, "reply");
    if (record->reply == REPLY_NEVER)
        (void)fputs("never reached the mail server, which will have tried again\n", printer->out);
    else
        (void)fputs(record->settled
                        ? "not known: the gateway stopped about then; the mail server will have tried again\n"
                        : "not confirmed yet\n",
                    printer->out);
}

static void print_forward(const struct printer *printer, unsigned forward)
{
    char names[64];
    forward_names(forward, names, sizeof names);
    if (forward)
        print_text(printer, "forward", names);
}

void printer_record(const struct printer *printer, const struct record *record)
{
    int width = widest_address(record);
    print_head(printer, record);
    print_sender(printer, record);
    print_lacks(printer, record);
    for (size_t i = 0; i < record->n_rcpts; i++)
        print_rcpt(printer, record, &record->rcpts[i], i == 0, width);
    for (size_t i = 0; i < record->n_documents; i++)
        print_document(printer, &record->documents[i], i == 0);
    print_text(printer, "ciphertext", record->sealed_sha256);
    if (!told_by_rcpts(record))
        print_text(printer, "rule", record->rule);
    print_text(printer, "approved", record->ticket);
    print_forward(printer, record->forward);
    print_basis(printer, record);
    print_text(printer, "failure", record->detail);
    print_reply(printer, record);
    print_text(printer, "message-id", record->message_id);
    label(printer, "record");
    (void)fprintf(printer->out, "%" PRIu64 ", role %s", record->sequence, role_name(record->role));
    if (record->node) {
        (void)fputs(", ", printer->out);
        printer_put(printer, record->node);
    }
    if (record->queue_id) {
        (void)fputs(", queue ", printer->out);
        printer_put(printer, record->queue_id);
    }
    (void)fputs("\n\n", printer->out);
}
