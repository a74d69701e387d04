/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_PIPELINE_H
#define KHATM_PIPELINE_H

/* The route of a message: receive, gather, decide, enforce, record, reply. What stands here is all that the
 * MTA side knows of the rest. A passage is one message on its way; it keeps alive the configuration and the
 * stages it began with, so that a reload never shows a message half of one and half of the other.
 *
 * A passage belongs to one thread. */

#include "base/result.h"
#include "message.h"

struct daemon;
struct passage;

/* One change to the header section. Deletions come in the order in which they must be made (last index
 * first). */
struct header_edit {
    enum { HEADER_DELETE, HEADER_CHANGE, HEADER_ADD, HEADER_INSERT } kind; /* INSERT: above all others */
    const char *name;
    unsigned index;    /* as in struct header_field; 0 for HEADER_ADD and HEADER_INSERT */
    const char *value; /* with its leading space; folds as LF; NULL for HEADER_DELETE */
};

enum { REPLY_LINES_MAX = 16 };

/* What the MTA is to be told. Everything pointed to lives as long as the passage. */
struct reply {
    enum answer { ANSWER_GO_ON, ANSWER_REJECT, ANSWER_TRY_LATER } answer;
    const char *code;                   /* "550"; NULL with ANSWER_GO_ON */
    const char *status;                 /* "5.7.1" */
    const char *lines[REPLY_LINES_MAX]; /* printable ASCII, NULL-terminated */
    const struct header_edit *edits;
    size_t n_edits;
    int body_fd; /* the new body; -1: body unchanged */
    uint64_t body_offset, body_size;
};

/* receive: a message begins on the service that calls itself `daemon_name`. */
enum result passage_open(struct daemon *daemon, const char *daemon_name, struct passage **passage_out,
                         struct problem *problem) MUST_USE;
struct message *passage_message(struct passage *passage);
/* Receiving went wrong (disk, memory): the message will be answered 4xx, or let through in mode observe. */
void passage_fail(struct passage *passage, const char *why);
/* gather, decide, enforce, record: the whole of it. The record is durable when this returns a reply other
 * than ANSWER_TRY_LATER. */
const struct reply *passage_judge(struct passage *passage);
/* The MTA could not be told: what was recorded never happened. */
void passage_undelivered(struct passage *passage);
/* Ends it; a reply that was given and not marked undelivered counts as sent. */
void passage_close(struct passage *passage);

#endif
