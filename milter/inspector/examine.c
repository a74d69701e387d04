/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/examine.h"

#include "base/clock.h"
#include "base/fd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { WARM_UP_MS = 10 * 1000, LEAST_ANSWER_MS = 100 };

/* One message, from its job to its last finding. */
struct errand {
    struct opener opener;
    struct tree_limits limits;
    struct structure structure; /* is read once */
    bool nested;                /* a message was found in a document */
};

static bool clear_desk(struct examiner *examiner)
{
    free(examiner->desk);
    free(examiner->report);
    examiner->desk = calloc(1, sizeof *examiner->desk);
    examiner->report = calloc(1, sizeof *examiner->report);
    return examiner->desk && examiner->report;
}

enum result examiner_new(const struct skills *skills, struct examiner **examiner_out, struct problem *problem)
{
    struct examiner *examiner = calloc(1, sizeof *examiner);
    if (!examiner)
        return problem_set(problem, RESULT_TRY_LATER, "examiner: no memory");
    examiner->digest = digest_new();
    examiner->skills = skills;
    enum result result = clear_desk(examiner) && examiner->digest
                             ? RESULT_OK
                             : problem_set(problem, RESULT_TRY_LATER, "examiner: no memory");
    if (result == RESULT_OK && skills->kind_new)
        result = skills->kind_new(&examiner->kind, problem);
    if (result != RESULT_OK) {
        examiner_free(examiner);
        return result;
    }
    *examiner_out = examiner;
    return RESULT_OK;
}

void examiner_free(struct examiner *examiner)
{
    if (!examiner)
        return;
    digest_free(examiner->digest);
    if (examiner->skills->kind_free)
        examiner->skills->kind_free(examiner->kind);
    free(examiner->desk);
    free(examiner->report);
    free(examiner);
}

/* A message packed in a document. */
static unsigned read_packed(void *context, const char *path, const char *bytes, size_t size, const char **why)
{
    struct errand *errand = context;
    struct opener *opener = &errand->opener;
    struct tree_limits limits = errand->limits;
    struct tree_finding finding;
    if (limits.parts > opener->budget.entries_left)
        limits.parts = opener->budget.entries_left;
    tree_read_inner(opener, &limits, path, bytes, size, &finding);
    errand->nested = true;
    *why = finding.incomplete ? finding.incomplete : finding.ambiguous;
    unsigned inner = finding.flags & (PART_UNREAD | PART_AMBIGUOUS | PART_MACRO);
    if (!*why && inner & (PART_UNREAD | PART_AMBIGUOUS))
        *why = "something in it cannot be read";
    return PART_NESTED | inner | (finding.incomplete || finding.limits ? PART_UNREAD : 0U) |
           (finding.ambiguous ? PART_UNREAD | PART_AMBIGUOUS : 0U);
}

/* Readers stop a while before the process is stopped, so that what they found can still be said. */
static int64_t reading_deadline(int64_t deadline_ms)
{
    int64_t left = clock_left_ms(deadline_ms), spare = left / 8;
    return deadline_ms - (spare < LEAST_ANSWER_MS ? LEAST_ANSWER_MS : spare);
}

/* first: with no more than khatm-inspector has. */
static void go_over(struct examiner *examiner, struct errand *errand, bool first, int result_socket,
                    const struct examine_limits *limits, int64_t deadline_ms)
{
    const struct skills *skills = examiner->skills;
    struct report *report = examiner->report;
    struct tree_finding finding;
    errand->nested = false;
    errand->opener = (struct opener){.readers = first ? skills->first : skills->readers,
                                     .last = !first && skills->last,
                                     .final = !first && limits->final,
                                     .recognise = first ? NULL : skills->recognise,
                                     .kind = first ? NULL : examiner->kind,
                                     .kind_of = first ? NULL : skills->kind_of,
                                     .digest = examiner->digest,
                                     .report = report,
                                     .message = read_packed,
                                     .context = errand};
    report_open(report, result_socket, deadline_ms);
    budget_open(&errand->opener.budget, limits->size, limits->parts, limits->depth,
                reading_deadline(deadline_ms));
    if (skills->patient)
        errand->opener.budget.cpu_ms = INT64_MAX;
    tree_read(examiner->desk, &errand->opener, &errand->limits, !errand->opener.last, &errand->structure,
              &finding);
    report_ambiguous(report, finding.ambiguous);
    report_limit(report, finding.limits, finding.incomplete);
    if (finding.nested || errand->nested)
        report->marks |= MARK_NESTED;
    report_end(report);
    inner_paths_free(&errand->opener.paths);
}

/* Past what the first report says, as the daemon will see it; where that is in doubt it asks a child of its
 * own. */
static bool goes_on(const struct report *report, int64_t begun_cpu_ms)
{
    return report->wanted && !report->failed && !report->incomplete && !report->limits &&
           clock_cpu_ms() - begun_cpu_ms < EXAMINE_FIRST_CPU_MS;
}

void examine(struct examiner *examiner, int message_fd, int result_socket,
             const struct examine_limits *limits, int64_t deadline_ms)
{
    struct errand errand = {.limits = {limits->depth, limits->parts}};
    int64_t begun_cpu_ms = clock_cpu_ms();
    /* Half of what was asked for would be taken for all of it. */
    if (limits->both && !examiner->skills->first)
        return;
    source_open(&examiner->desk->source, message_fd, limits->size);
    if (limits->both)
        go_over(examiner, &errand, true, result_socket, limits, deadline_ms);
    if (!limits->both || goes_on(examiner->report, begun_cpu_ms))
        go_over(examiner, &errand, false, result_socket, limits, deadline_ms);
    structure_free(&errand.structure);
}

/* Every kind of thing that ordinary mail has. */
static const char sample[] =
    "From: \"A B\" <a@b.example>\r\nTo: =?utf-8?Q?=C3=A9?= <c@d.example>, e@f.example\r\n"
    "Subject: =?utf-8?B?w6k=?=\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n"
    "Message-ID: <1@b.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n=E9t=E9\r\n--b\r\n"
    "Content-Type: application/pdf; name=\"=?utf-8?Q?=C3=A9.pdf?=\"\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename*=utf-8''%C3%A9.pdf\r\n\r\n"
    "JVBERi0xLjQK\r\n--b--\r\n";

enum result examiner_warm_up(struct examiner *examiner, struct problem *problem)
{
    const struct examine_limits limits = {
        .size = sizeof sample - 1, .depth = 8, .parts = 8, .both = examiner->skills->first != NULL};
    int pair[2] = {-1, -1}, fd = memfd_create("sample", MFD_CLOEXEC);
    enum result result = RESULT_TRY_LATER;
    if (fd < 0 || fd_write_all(fd, sample, sizeof sample - 1) != RESULT_OK || wire_pair(pair) != RESULT_OK)
        goto out;
    examine(examiner, fd, pair[0], &limits, clock_monotonic_ms() + WARM_UP_MS);
    bool good = !examiner->report->failed && !examiner->report->incomplete;
    /* What the sample left on the desk would be copied in every child. */
    if (clear_desk(examiner) && good)
        result = RESULT_OK;
out:
    fd_close(&fd);
    fd_close(&pair[0]);
    fd_close(&pair[1]);
    if (result != RESULT_OK)
        return problem_set(problem, result, "examiner: cannot read a message of its own");
    return RESULT_OK;
}
