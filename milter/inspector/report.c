/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/report.h"

/* The largest finding fits behind this mark. */
enum { FLUSH_ABOVE = WIRE_FRAME_MAX - 16 * 1024 };

void report_open(struct report *report, int socket, int64_t deadline_ms)
{
    report->socket = socket;
    report->deadline_ms = deadline_ms;
    report->failed = report->wanted = false;
    report->incomplete = report->ambiguous = NULL;
    report->limits = report->marks = 0;
    wire_begin(&report->frame, INSPECT_FINDINGS);
}

static void send_frame(struct report *report)
{
    if (!report->failed && wire_send(report->socket, &report->frame, report->deadline_ms) != RESULT_OK)
        report->failed = true;
    wire_begin(&report->frame, INSPECT_FINDINGS);
}

void report_flush(struct report *report)
{
    struct wire_field field;
    size_t cursor = 0;
    if (wire_next(&report->frame, &cursor, &field) == RESULT_OK)
        send_frame(report);
}

static struct wire_frame *room(struct report *report)
{
    if (report->frame.size > FLUSH_ABOVE)
        report_flush(report);
    return &report->frame;
}

void report_part(struct report *report, const struct part_finding *part)
{
    struct wire_frame *frame = room(report);
    wire_put_text(frame, FOUND_PART, part->path, INSPECT_PATH_MAX);
    wire_put_text(frame, FOUND_NAME, part->name, INSPECT_NAME_MAX);
    wire_put_text(frame, FOUND_DECLARED, part->declared, INSPECT_TYPE_MAX);
    wire_put_text(frame, FOUND_KIND, part->kind, INSPECT_TYPE_MAX);
    wire_put_text(frame, FOUND_WHY, part->why, INSPECT_WHY_MAX);
    wire_put_number(frame, FOUND_FLAGS, part->flags);
    report->wanted |= (part->flags & PART_WANTED) != 0;
    if (part->size_bytes)
        wire_put_number(frame, FOUND_SIZE, part->size_bytes);
    if (part->has_sha256)
        wire_put_bytes(frame, FOUND_SHA256, part->sha256, DIGEST_BYTES);
}

void report_text(struct report *report, const char *path, const struct text_finding *finding)
{
    struct wire_frame *frame = room(report);
    if (!finding->has_level && !finding->caveats && !finding->n_markings && !finding->n_references &&
        !finding->has_sha256 && !finding->sketch_size)
        return;
    wire_put_text(frame, FOUND_PART, path, INSPECT_PATH_MAX);
    if (finding->has_level)
        wire_put_number(frame, FOUND_LEVEL, finding->level);
    if (finding->caveats)
        wire_put_number(frame, FOUND_CAVEATS, finding->caveats);
    for (unsigned i = 0; i < finding->n_markings; i++)
        wire_put_text(frame, FOUND_MARKING, finding->markings[i], INSPECT_MARKING_MAX);
    for (unsigned i = 0; i < finding->n_references; i++)
        wire_put_text(frame, FOUND_REFERENCE, finding->references[i], INSPECT_REFERENCE_MAX);
    if (finding->has_sha256)
        wire_put_bytes(frame, FOUND_TEXT_SHA256, finding->sha256, DIGEST_BYTES);
    if (finding->sketch_size)
        wire_put_bytes(frame, FOUND_SKETCH, finding->sketch, finding->sketch_size);
}

void report_address(struct report *report, enum address_field field, const char *address)
{
    struct wire_frame *frame = room(report);
    wire_put_number(frame, FOUND_ADDRESS_FIELD, field);
    wire_put_text(frame, FOUND_ADDRESS, address, INSPECT_ADDRESS_MAX);
}

void report_number(struct report *report, enum inspect_tag tag, uint64_t number)
{
    wire_put_number(room(report), (uint8_t)tag, number);
}

void report_ambiguous(struct report *report, const char *why)
{
    if (!report->ambiguous)
        report->ambiguous = why;
}

void report_incomplete(struct report *report, const char *why)
{
    if (!report->incomplete)
        report->incomplete = why;
}

void report_limit(struct report *report, unsigned limit, const char *why)
{
    report->limits |= limit;
    report_incomplete(report, why);
}

static struct wire_frame *put_message(struct report *report)
{
    struct wire_frame *frame = room(report);
    wire_put_text(frame, FOUND_AMBIGUOUS, report->ambiguous, INSPECT_WHY_MAX);
    wire_put_text(frame, FOUND_INCOMPLETE, report->incomplete, INSPECT_WHY_MAX);
    if (report->limits)
        wire_put_number(frame, FOUND_LIMITS, report->limits);
    if (report->marks)
        wire_put_number(frame, FOUND_MARKS, report->marks);
    return frame;
}

void report_so_far(struct report *report)
{
    (void)put_message(report);
    report_flush(report);
}

void report_end(struct report *report)
{
    wire_retype(put_message(report), INSPECT_END);
    send_frame(report);
}
