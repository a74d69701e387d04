/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/examine.h"

#include "base/clock.h"
#include "base/fd.h"
#include "inspector/address.h"
#include "inspector/judge.h"
#include "inspector/mime.h"
#include "inspector/role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    WARM_UP_MS = 10 * 1000,
    NESTED_DIGESTS_MAX = 4, /* digests of messages within messages: each reads its bytes again */
};

struct examination {
    struct examiner *examiner;
    struct structure structure;
    struct mime mime;
    unsigned nested_digests;
    struct judge judge;
    bool wants_references; /* a part has a Content-ID that HTML could show */
};

enum result examiner_new(struct examiner **examiner_out, struct problem *problem)
{
    struct examiner *examiner = calloc(1, sizeof *examiner);
    if (!examiner)
        return problem_set(problem, RESULT_TRY_LATER, "examiner: no memory");
    examiner->digest = digest_new();
    examiner->desk = calloc(1, sizeof *examiner->desk);
    enum result result = examiner->digest && examiner->desk
                             ? kind_new(&examiner->kind, problem)
                             : problem_set(problem, RESULT_TRY_LATER, "examiner: no memory");
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
    kind_free(examiner->kind);
    digest_free(examiner->digest);
    free(examiner->desk);
    free(examiner);
}

/* What the raw scan found inside a part, as a part of its own. */
static void report_raw(struct report *report, const char *path, const char *what, unsigned flags)
{
    char raw[ROLE_PATH_ROOM + 8];
    (void)snprintf(raw, sizeof raw, "%s:raw", path);
    const struct part_finding part = {.path = raw, .why = what, .flags = PART_DOCUMENT | flags};
    report_part(report, &part);
}

static void report_scan(struct report *report, const char *path, const struct rawscan *scan)
{
    if (!scan->found)
        return;
    bool opaque = scan->opaque && !scan->lied;
    report_raw(report, path, scan->found,
               (opaque ? PART_OPAQUE : PART_UNREAD) | (scan->lied ? PART_AMBIGUOUS : 0));
}

static void read_leaf(struct examination *exam, size_t at, const char *path)
{
    struct examiner *examiner = exam->examiner;
    struct content *content = &examiner->desk->content;
    const struct entity *entity = &exam->structure.entities[at];
    enum role role = role_of(&exam->structure, &exam->mime, at);
    struct judgement judgement = {0};
    judge_role(&judgement, role, entity, exam->mime.parts[at].two_names);
    unsigned wants = judge_wants(role, entity);
    if (role == ROLE_BODY && exam->wants_references)
        wants |= WANT_REFERENCES;
    content_read(content, &examiner->desk->source, entity, examiner->digest, wants);
    judge_content(&judgement, &exam->judge, role, entity, content);
    struct part_finding part = {
        .path = path, .why = judgement.why, .flags = judgement.flags, .size_bytes = content->size};
    part.kind = judgement.kind ? judgement.kind : kind_of(examiner->kind, content->head, content->head_size);
    bool scanned =
        (role == ROLE_BODY || role == ROLE_TEXT || role == ROLE_MAYBE_TEXT) && judge_is_text(content);
    /* Rare: conversation that turned out to be none is read once more for its digest. */
    if ((judgement.flags & PART_DOCUMENT) && !(wants & WANT_DIGEST))
        content_read(content, &examiner->desk->source, entity, examiner->digest, WANT_DIGEST | wants);
    content_release(content);
    part.has_sha256 = (judgement.flags & PART_DOCUMENT) && !content->failed;
    memcpy(part.sha256, content->sha256, DIGEST_BYTES);
    if (content->failed)
        report_incomplete(&examiner->desk->report, "no digest could be made");
    report_part(&examiner->desk->report, &part);
    if (scanned)
        report_scan(&examiner->desk->report, path, &content->text);
}

static void read_nested(struct examination *exam, size_t at, const char *path)
{
    const struct entity *entity = &exam->structure.entities[at];
    struct part_finding part = {.path = path, .kind = "message/rfc822", .flags = PART_DOCUMENT | PART_NESTED};
    part.size_bytes = entity->end_at - entity->body_at;
    if (exam->nested_digests++ < NESTED_DIGESTS_MAX)
        part.has_sha256 = content_digest_raw(&exam->examiner->desk->source, entity->body_at, entity->end_at,
                                             exam->examiner->digest, part.sha256);
    report_part(&exam->examiner->desk->report, &part);
}

static void report_structure(struct examination *exam, size_t at, const char *path)
{
    struct report *report = &exam->examiner->desk->report;
    const struct entity *entity = &exam->structure.entities[at];
    struct part_finding part = {
        .path = path, .name = exam->mime.parts[at].name, .declared = entity->fields.type};
    if (entity->outside)
        report_raw(report, path, entity->outside, PART_UNREAD | PART_AMBIGUOUS);
    struct judgement judgement = {0};
    switch (entity->form) {
    case FORM_MULTIPART:
        report_ambiguous(report, entity->fields.odd);
        return;
    case FORM_MESSAGE:
        report->marks |= MARK_NESTED;
        if (entity->fields.odd)
            judgement_raise(&judgement, PART_UNREAD | PART_AMBIGUOUS, entity->fields.odd);
        judgement_raise(&judgement, PART_DOCUMENT | PART_NESTED, "nested message");
        break;
    case FORM_LEAF:
        judge_role(&judgement, role_of(&exam->structure, &exam->mime, at), entity,
                   exam->mime.parts[at].two_names);
        break;
    }
    part.flags = judgement.flags;
    part.why = judgement.why;
    report_part(report, &part);
}

/* Text first: it says which pictures belong to it. */
static void read_parts(struct examination *exam, bool bodies)
{
    char path[ROLE_PATH_ROOM];
    for (size_t i = 0; i < exam->structure.n_entities && !exam->examiner->desk->report.failed; i++) {
        enum entity_form form = exam->structure.entities[i].form;
        bool body = form == FORM_LEAF && role_of(&exam->structure, &exam->mime, i) == ROLE_BODY;
        if (body != bodies)
            continue;
        role_path(&exam->structure, i, path);
        if (form == FORM_LEAF)
            read_leaf(exam, i, path);
        else if (form == FORM_MESSAGE)
            read_nested(exam, i, path);
    }
}

static void examine_parts(struct examination *exam)
{
    struct report *report = &exam->examiner->desk->report;
    char path[ROLE_PATH_ROOM];
    report_ambiguous(report, exam->mime.odd);
    for (size_t i = 0; i < exam->structure.n_entities; i++) {
        role_path(&exam->structure, i, path);
        report_structure(exam, i, path);
        exam->wants_references |= exam->structure.entities[i].fields.content_id != 0;
    }
    report_flush(report);
    read_parts(exam, true);
    read_parts(exam, false);
}

static void examine_message(struct examination *exam, const struct examine_limits *limits)
{
    struct examiner *examiner = exam->examiner;
    struct structure *structure = &exam->structure;
    if (!limits->size)
        return;
    structure_read(structure, &examiner->desk->source, limits->depth, limits->parts);
    if (structure->no_memory) {
        report_limit(&examiner->desk->report, LIMIT_MEMORY, "no memory for its structure");
        return;
    }
    address_read(buffer_text(&structure->header), structure->header.size, &examiner->desk->report);
    if (structure->limit) {
        report_limit(&examiner->desk->report, structure->limit, structure->limit_why);
        return;
    }
    mime_read(&exam->mime, &examiner->desk->source, structure);
    if (exam->mime.failed)
        report_incomplete(&examiner->desk->report, "GMime could not read it");
    else
        examine_parts(exam);
}

void examine(struct examiner *examiner, int message_fd, int result_socket,
             const struct examine_limits *limits, int64_t deadline_ms)
{
    struct examination exam = {.examiner = examiner,
                               .judge = {.kind = examiner->kind, .scan = &examiner->desk->scan}};
    examiner->desk->content.references = &exam.judge.references;
    source_open(&examiner->desk->source, message_fd, limits->size);
    report_open(&examiner->desk->report, result_socket, deadline_ms);
    examine_message(&exam, limits);
    if (examiner->desk->source.failed)
        report_incomplete(&examiner->desk->report, "the message is shorter than it should be");
    report_end(&examiner->desk->report);
    mime_free(&exam.mime);
    structure_free(&exam.structure);
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
    const struct examine_limits limits = {.size = sizeof sample - 1, .depth = 8, .parts = 8};
    int pair[2] = {-1, -1}, fd = memfd_create("sample", MFD_CLOEXEC);
    enum result result = RESULT_TRY_LATER;
    if (fd < 0 || fd_write_all(fd, sample, sizeof sample - 1) != RESULT_OK || wire_pair(pair) != RESULT_OK)
        goto out;
    examine(examiner, fd, pair[0], &limits, clock_monotonic_ms() + WARM_UP_MS);
    bool good = !examiner->desk->report.failed && !examiner->desk->report.incomplete;
    /* What the sample left on the desk would be copied in every child. */
    free(examiner->desk);
    examiner->desk = calloc(1, sizeof *examiner->desk);
    if (good && examiner->desk)
        result = RESULT_OK;
out:
    fd_close(&fd);
    fd_close(&pair[0]);
    fd_close(&pair[1]);
    if (result != RESULT_OK)
        return problem_set(problem, result, "examiner: cannot read a message of its own");
    return RESULT_OK;
}
