/* SPDX-License-Identifier: Apache-2.0 */
#include "mta/edits.h"

#include "base/fd.h"

#include <stdlib.h>
#include <string.h>

/* Below MILTER_CHUNK_SIZE (65,535), which one SMFIR_REPLBODY packet may carry. */
enum { BODY_BLOCK_BYTES = 65535 };
/* A line of a reply is below 480 octets: RFC 5321 4.5.3.1.5 gives 512 with code, status and CRLF. Here each
 * may be a percent sign, which doubles; libmilter takes 980. */
enum { REPLY_LINE_BYTES = 2 * 480 };

static enum result edit_header(SMFICTX *ctx, const struct header_edit *edit)
{
    char *name = (char *)(uintptr_t)edit->name, *value = (char *)(uintptr_t)edit->value;
    int done = MI_FAILURE;
    switch (edit->kind) {
    case HEADER_DELETE:
    case HEADER_CHANGE:
        done = smfi_chgheader(ctx, name, (int)edit->index, value);
        break;
    case HEADER_ADD:
        done = smfi_addheader(ctx, name, value);
        break;
    case HEADER_INSERT:
        done = smfi_insheader(ctx, 0, name, value);
        break;
    }
    return done == MI_SUCCESS ? RESULT_OK : RESULT_TRY_LATER;
}

/* Not on the stack: its pages would stay with the thread, and libmilter keeps one for each connection. An
 * empty body is one empty block: without any the MTA keeps the body that it has. */
static enum result replace_body(SMFICTX *ctx, int fd, uint64_t offset, uint64_t size)
{
    enum result result = RESULT_OK;
    uint64_t at = 0;
    unsigned char *block = malloc(BODY_BLOCK_BYTES);
    if (!block)
        return RESULT_TRY_LATER;
    do {
        size_t part = size - at < BODY_BLOCK_BYTES ? (size_t)(size - at) : BODY_BLOCK_BYTES;
        result = fd_read_at(fd, block, part, offset + at);
        if (result == RESULT_OK && smfi_replacebody(ctx, block, (int)part) != MI_SUCCESS)
            result = RESULT_TRY_LATER;
        at += part;
    } while (at < size && result == RESULT_OK);
    free(block);
    return result == RESULT_OK ? RESULT_OK : RESULT_TRY_LATER;
}

enum result edits_apply(SMFICTX *ctx, const struct reply *reply)
{
    /* The body first: it is the edit most likely to fail, and a message with its old header section and a new
     * body is never let through either way. */
    enum result result = RESULT_OK;
    if (reply->body_fd >= 0)
        result = replace_body(ctx, reply->body_fd, reply->body_offset, reply->body_size);
    for (size_t i = 0; i < reply->n_edits && result == RESULT_OK; i++)
        result = edit_header(ctx, &reply->edits[i]);
    return result;
}

/* The MTA expands "%%" (Sendmail formats the text, Postfix undoes the same doubling). */
static void double_percent(const char *line, char *out, size_t room)
{
    size_t used = 0;
    for (; *line && used + 2 < room; line++) {
        out[used++] = *line;
        if (*line == '%')
            out[used++] = '%';
    }
    out[used] = '\0';
}

void edits_set_reply(SMFICTX *ctx, const struct reply *reply)
{
    char lines[REPLY_LINES_MAX][REPLY_LINE_BYTES];
    char *line[REPLY_LINES_MAX + 1] = {NULL};
    for (size_t i = 0; i < REPLY_LINES_MAX && reply->lines[i]; i++) {
        double_percent(reply->lines[i], lines[i], sizeof lines[i]);
        line[i] = lines[i];
    }
    char *code = (char *)(uintptr_t)reply->code, *status = (char *)(uintptr_t)reply->status;
    /* The function takes its lines as separate arguments; NULL ends them early. */
    (void)smfi_setmlreply(ctx, code, status, line[0], line[1], line[2], line[3], line[4], line[5], line[6],
                          line[7], line[8], line[9], line[10], line[11], line[12], line[13], line[14],
                          line[15], (char *)NULL);
}
