/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/kind.h"

#include "helper/pages.h"
#include "inspector/rawscan.h"

#include <magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLAGS = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_TAR |
            MAGIC_NO_CHECK_APPTYPE | MAGIC_NO_CHECK_TOKENS,
    TEXT_BYTES_MAX =
        64 * 1024, /* by so many libmagic tells text from other bytes (MAGIC_PARAM_ENCODING_MAX) */
};

struct kind {
    magic_t magic;
};

/* libmagic compiles a pattern when it first tries it. What a document of bytes makes it try is done once in
 * the template. What text makes it try is nearly all of them: 2.5 MB in the template, for every child to
 * inherit, and few texts come this far (sniff.c): those compile what they need, in half a millisecond. */
static const char document[] = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n\0";

enum result kind_new(struct kind **kind_out, struct problem *problem)
{
    struct kind *kind = calloc(1, sizeof *kind);
    if (!kind)
        return problem_set(problem, RESULT_TRY_LATER, "libmagic: no memory");
    kind->magic = magic_open(FLAGS);
    if (!kind->magic || magic_load(kind->magic, NULL) != 0) {
        const char *why = kind->magic ? magic_error(kind->magic) : NULL;
        (void)problem_set(problem, RESULT_TRY_LATER,
                          "libmagic: cannot load its database (package libmagic-mgc): %s",
                          why ? why : "no memory");
        kind_free(kind);
        return RESULT_TRY_LATER;
    }
    (void)kind_of(kind, document, sizeof document);
    pages_keep("magic.mgc"); /* 0.6 MB beside a large document */
    *kind_out = kind;
    return RESULT_OK;
}

void kind_free(struct kind *kind)
{
    if (!kind)
        return;
    pages_keep(NULL);
    if (kind->magic)
        magic_close(kind->magic);
    free(kind);
}

/* It begins like a file, and there is no text with a NUL in it. */
static bool is_no_text(const void *bytes, size_t size)
{
    size_t first = size < TEXT_BYTES_MAX ? size : TEXT_BYTES_MAX;
    return rawscan_magic(bytes, size) && memchr(bytes, '\0', first);
}

/* To see whether bytes are text libmagic makes eight bytes of each: half a megabyte of fresh memory, a third
 * of the page faults of a child that reads a small PDF. */
const char *kind_of(struct kind *kind, const void *bytes, size_t size)
{
    (void)magic_setflags(kind->magic, is_no_text(bytes, size) ? FLAGS | MAGIC_NO_CHECK_ENCODING : FLAGS);
    const char *type = size ? magic_buffer(kind->magic, bytes, size) : "application/x-empty";
    return type && strchr(type, '/') ? type : "application/octet-stream";
}
