/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/audit.h"
#include "policy/names.h"

/* "FILE:LINE: key -> target: class, why": what editors and compilers agreed on for places. */
static void show_forward(const struct printer *printer, const struct forward *one)
{
    printer_put(printer, one->place.file);
    if (one->place.line)
        (void)fprintf(printer->out, ":%u", one->place.line);
    (void)fprintf(printer->out, ": %s: ", one->source);
    printer_put(printer, one->key);
    (void)fputs(" -> ", printer->out);
    printer_column(printer, one->target, 0, TINT_BAD);
    (void)fprintf(printer->out, ": %s, ", one->is_known ? rcpt_class_name(one->class) : "unknown");
    printer_put(printer, one->why);
    (void)fputc('\n', printer->out);
}

static void show_unread(const struct printer *printer, const struct forwards_unread *unread)
{
    printer_put(printer, unread->what);
    (void)fputs(": ", printer->out);
    printer_column(printer, "not read", 0, TINT_WARN);
    (void)fputs(": ", printer->out);
    printer_put(printer, unread->why);
    (void)fputc('\n', printer->out);
}

void audit_text(const struct printer *printer, const struct forwards_report *report)
{
    for (size_t i = 0; i < report->n_forwards; i++)
        show_forward(printer, &report->forwards[i]);
    for (size_t i = 0; i < report->n_unread; i++)
        show_unread(printer, &report->unread[i]);
    (void)fprintf(printer->out, "%zu leave, %zu not read; looked at %zu files, %zu targets, %zu accounts\n",
                  report->n_forwards, report->n_unread, report->n_files, report->n_targets, report->n_users);
}
