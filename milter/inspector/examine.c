/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/examine.h"

#include "base/clock.h"
#include "base/fd.h"
#include "inspector/address.h"
#include "inspector/charset.h"
#include "inspector/mime.h"
#include "inspector/role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    REPORT_BYTES_MAX = 64 * 1024, /* of a delivery report's fields */
    VERSION_BYTES_MAX = 128,
    WARM_UP_MS = 10 * 1000,
    NOT_UTF8_MAX = 8,       /* cut characters in text that says it is UTF-8 */
    NESTED_DIGESTS_MAX = 4, /* digests of messages within messages: each reads its bytes again */
};

struct examination {
    struct examiner *examiner;
    struct structure structure;
    struct mime mime;
    unsigned nested_digests;
};

/* What is said about one part once its content was read. */
struct judgement {
    unsigned flags;
    const char *why;
    const char *kind; /* NULL: ask libmagic */
    bool wants_digest;
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

static void raise(struct judgement *judgement, unsigned flags, const char *why)
{
    judgement->flags |= flags;
    if (!judgement->why)
        judgement->why = why;
}

/* Flags that hold whatever the content turns out to be. */
static struct judgement judge_role(const struct examination *exam, size_t at, enum role role)
{
    const struct entity *entity = &exam->structure.entities[at];
    struct judgement judgement = {0};
    if (entity->fields.odd)
        raise(&judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, entity->fields.odd);
    if (exam->mime.parts[at].two_names)
        raise(&judgement, PART_DOCUMENT | PART_AMBIGUOUS, "two names with different extensions");
    switch (role) {
    case ROLE_BODY:
    case ROLE_SIGNATURE:
    case ROLE_REPORT:
    case ROLE_PGP_VERSION:
        break;
    case ROLE_PGP_MESSAGE:
    case ROLE_CMS:
        raise(&judgement, PART_DOCUMENT, "encrypted or signed by somebody");
        break;
    case ROLE_TEXT:
    case ROLE_MAYBE_TEXT:
        raise(&judgement, PART_DOCUMENT, "attachment");
        break;
    case ROLE_ELSEWHERE:
        raise(&judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, "its content is somewhere else");
        break;
    case ROLE_DOCUMENT:
        raise(&judgement, PART_DOCUMENT | PART_UNREAD, "attachment that is not text");
        break;
    }
    return judgement;
}

static bool is_text(const struct rawscan *scan)
{
    return !scan->nul && scan->controls <= TEXT_CONTROLS_MAX;
}

/* Without a charset readers take one that contains ASCII: letters may differ, but nothing is hidden, since
 * encoded blocks and file magic are ASCII and were looked for. */
static void judge_charset(struct judgement *judgement, const char *charset, const struct content *content)
{
    if (charset_hides_text(charset))
        raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, "charset that hides text");
    else if (content->text.eight_bit && charset[0] && !charset_is_known(charset))
        raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, "unknown charset");
    else if (charset[0] && charset_is_utf8(charset) && content->not_utf8 > NOT_UTF8_MAX)
        raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, "not the charset it says");
}

static void judge_body(struct judgement *judgement, const struct entity *entity,
                       const struct content *content)
{
    if (rawscan_magic(content->head, content->head_size))
        raise(judgement, PART_DOCUMENT | PART_UNREAD, "a file where text should be");
    else if (!is_text(&content->text))
        raise(judgement, PART_DOCUMENT | PART_UNREAD, "not text");
    else {
        judgement->kind = entity->fields.type;
        judge_charset(judgement, entity->fields.charset, content);
        if (content->text.found)
            raise(judgement, PART_DOCUMENT, content->text.found);
    }
}

static void judge_attached_text(struct judgement *judgement, const struct entity *entity,
                                const struct content *content)
{
    static const char *const readable[] = {"text/plain", "text/csv", "text/calendar", "text/vcard",
                                           "text/x-vcard"};
    bool text = content->size == 0;
    for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
        text |= !strcmp(judgement->kind, readable[i]);
    if (!text || !is_text(&content->text))
        raise(judgement, PART_DOCUMENT | PART_UNREAD, "not plain text");
    else
        judge_charset(judgement, entity->fields.charset, content);
}

static bool only_fields(const struct content *content)
{
    const char *at = content->head, *end = at + content->head_size;
    if (content->size > REPORT_BYTES_MAX || content->size != content->head_size)
        return false;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *line_end = stop ? stop : end;
        const char *colon = memchr(at, ':', (size_t)(line_end - at));
        bool blank = *at == ' ' || *at == '\t' || *at == '\r' || at == line_end;
        if (!blank && (!colon || colon == at || memchr(at, ' ', (size_t)(colon - at))))
            return false;
        at = line_end + 1;
    }
    return true;
}

static void judge_report(struct judgement *judgement, const struct content *content)
{
    if (!only_fields(content) || !is_text(&content->text) || content->text.found)
        raise(judgement, PART_DOCUMENT | PART_UNREAD, "no delivery report by its content");
    else
        judgement->kind = "text/plain";
}

static void judge_signature(struct judgement *judgement, const struct entity *entity,
                            const struct content *content)
{
    bool pgp = !strcmp(entity->fields.type, "application/pgp-signature");
    enum cms_kind cms = cms_peek((const uint8_t *)content->head, content->head_size, content->size);
    bool good =
        pgp ? content->armoured && content->packets == PACKETS_SIGNATURES : cms == CMS_DETACHED_SIGNATURE;
    if (!good || content->size > SIGNATURE_BYTES_MAX) {
        raise(judgement, PART_DOCUMENT | PART_UNREAD, "no signature by its content");
        return;
    }
    raise(judgement, PART_SIGNATURE, NULL);
    judgement->kind = entity->fields.type;
}

static void judge_version(struct judgement *judgement, const struct content *content)
{
    bool good = content->size < VERSION_BYTES_MAX && content->head_size >= 8 &&
                !memcmp(content->head, "Version:", 8) && only_fields(content) && is_text(&content->text);
    if (good)
        judgement->kind = "text/plain";
    else
        raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS,
              "no OpenPGP version part by its content");
}

static void judge_encrypted(struct judgement *judgement, enum role role, const struct content *content)
{
    enum cms_kind cms = cms_peek((const uint8_t *)content->head, content->head_size, content->size);
    bool opaque = role == ROLE_CMS ? cms == CMS_ENVELOPED : content->packets == PACKETS_ENCRYPTED;
    judgement->why = NULL;
    if (opaque)
        raise(judgement, PART_DOCUMENT | PART_OPAQUE, "encrypted by somebody");
    else
        raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS,
              "says that it is encrypted and is not");
}

static void judge_content(struct judgement *judgement, enum role role, const struct entity *entity,
                          struct examiner *examiner)
{
    const struct content *content = &examiner->desk->content;
    if (content->odd)
        raise(judgement, PART_DOCUMENT | PART_UNREAD | PART_AMBIGUOUS, content->odd);
    if (role == ROLE_TEXT || role == ROLE_MAYBE_TEXT)
        judgement->kind = kind_of(examiner->kind, content->head, content->head_size);
    switch (role) {
    case ROLE_BODY:
        judge_body(judgement, entity, content);
        break;
    case ROLE_SIGNATURE:
        judge_signature(judgement, entity, content);
        break;
    case ROLE_REPORT:
        judge_report(judgement, content);
        break;
    case ROLE_PGP_VERSION:
        judge_version(judgement, content);
        break;
    case ROLE_PGP_MESSAGE:
    case ROLE_CMS:
        judge_encrypted(judgement, role, content);
        break;
    case ROLE_TEXT:
    case ROLE_MAYBE_TEXT:
        judge_attached_text(judgement, entity, content);
        break;
    case ROLE_ELSEWHERE:
    case ROLE_DOCUMENT:
        break;
    }
}

static unsigned wants_of(enum role role)
{
    switch (role) {
    case ROLE_BODY:
    case ROLE_REPORT:
    case ROLE_PGP_VERSION:
        return WANT_TEXT;
    case ROLE_SIGNATURE:
        return WANT_TEXT | WANT_PACKETS;
    case ROLE_PGP_MESSAGE:
        return WANT_DIGEST | WANT_PACKETS;
    case ROLE_TEXT:
    case ROLE_MAYBE_TEXT:
        return WANT_DIGEST | WANT_TEXT;
    case ROLE_CMS:
    case ROLE_ELSEWHERE:
    case ROLE_DOCUMENT:
        break;
    }
    return WANT_DIGEST;
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
    struct judgement judgement = judge_role(exam, at, role);
    unsigned wants = wants_of(role);
    content_read(content, &examiner->desk->source, entity, examiner->digest, wants);
    judge_content(&judgement, role, entity, examiner);
    struct part_finding part = {
        .path = path, .why = judgement.why, .flags = judgement.flags, .size_bytes = content->size};
    part.kind = judgement.kind ? judgement.kind : kind_of(examiner->kind, content->head, content->head_size);
    bool scanned =
        (role == ROLE_BODY || role == ROLE_TEXT || role == ROLE_MAYBE_TEXT) && is_text(&content->text);
    /* Rare: conversation that turned out to be none is read once more for its digest. */
    if ((judgement.flags & PART_DOCUMENT) && !(wants & WANT_DIGEST))
        content_read(content, &examiner->desk->source, entity, examiner->digest, WANT_DIGEST | wants);
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
            raise(&judgement, PART_UNREAD | PART_AMBIGUOUS, entity->fields.odd);
        raise(&judgement, PART_DOCUMENT | PART_NESTED, "nested message");
        break;
    case FORM_LEAF:
        judgement = judge_role(exam, at, role_of(&exam->structure, &exam->mime, at));
        break;
    }
    part.flags = judgement.flags;
    part.why = judgement.why;
    report_part(report, &part);
}

static void examine_parts(struct examination *exam)
{
    struct report *report = &exam->examiner->desk->report;
    char path[ROLE_PATH_ROOM];
    report_ambiguous(report, exam->mime.odd);
    for (size_t i = 0; i < exam->structure.n_entities; i++) {
        role_path(&exam->structure, i, path);
        report_structure(exam, i, path);
    }
    report_flush(report);
    for (size_t i = 0; i < exam->structure.n_entities && !report->failed; i++) {
        enum entity_form form = exam->structure.entities[i].form;
        role_path(&exam->structure, i, path);
        if (form == FORM_LEAF)
            read_leaf(exam, i, path);
        else if (form == FORM_MESSAGE)
            read_nested(exam, i, path);
    }
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
    struct examination exam = {.examiner = examiner};
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
