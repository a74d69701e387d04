/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/cfb.h"

#include <gsf/gsf.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 * 1024 };

struct cfb {
    GsfInput *input;
    char name[CFB_NAME_ROOM];
};

/* GLib would write to stderr. */
static void say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer context)
{
    (void)domain, (void)level, (void)message, (void)context;
}

static struct cfb *new_item(GsfInput *input, const char *name)
{
    struct cfb *cfb = input ? calloc(1, sizeof *cfb) : NULL;
    if (!cfb) {
        if (input)
            g_object_unref(input);
        return NULL;
    }
    cfb->input = input;
    if (name)
        (void)g_strlcpy(cfb->name, name, sizeof cfb->name);
    return cfb;
}

struct cfb *cfb_open(const void *bytes, size_t size)
{
    GsfInput *memory = gsf_input_memory_new(bytes, (gsf_off_t)size, FALSE);
    GsfInfile *file = memory ? gsf_infile_msole_new(memory, NULL) : NULL;
    if (memory)
        g_object_unref(memory);
    return new_item(file ? GSF_INPUT(file) : NULL, NULL);
}

void cfb_close(struct cfb *cfb)
{
    if (!cfb)
        return;
    g_object_unref(cfb->input);
    free(cfb);
}

bool cfb_is_storage(const struct cfb *cfb)
{
    return GSF_IS_INFILE(cfb->input) && gsf_infile_num_children(GSF_INFILE(cfb->input)) >= 0;
}

const char *cfb_name(const struct cfb *cfb)
{
    return cfb->name;
}

unsigned cfb_children(const struct cfb *cfb)
{
    int n = GSF_IS_INFILE(cfb->input) ? gsf_infile_num_children(GSF_INFILE(cfb->input)) : 0;
    return n > 0 ? (unsigned)n : 0;
}

struct cfb *cfb_child(const struct cfb *cfb, unsigned at)
{
    GsfInfile *file = GSF_INFILE(cfb->input);
    return new_item(gsf_infile_child_by_index(file, (int)at), gsf_infile_name_by_index(file, (int)at));
}

struct cfb *cfb_find(const struct cfb *cfb, const char *name)
{
    return new_item(gsf_infile_child_by_name(GSF_INFILE(cfb->input), name), name);
}

const char *cfb_load(struct reading *reading, const struct cfb *cfb, struct buffer *buffer)
{
    gsf_off_t left = gsf_input_size(cfb->input);
    buffer_clear(buffer);
    if (gsf_input_seek(cfb->input, 0, G_SEEK_SET))
        return "a damaged document";
    while (left > 0) {
        size_t some = left < PIECE ? (size_t)left : PIECE;
        const guint8 *bytes = gsf_input_read(cfb->input, some, NULL);
        if (!bytes)
            return "a damaged document";
        if (!budget_bytes(reading->budget, some))
            return reading->budget->exhausted;
        buffer_append(buffer, bytes, some);
        if (buffer->failed)
            return "a packed file too big to be read";
        left -= (gsf_off_t)some;
    }
    return NULL;
}

enum result cfb_prepare(struct problem *problem)
{
    /* No document at all, but what makes and frees types is called once. */
    static const char nothing[1024] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    (void)problem;
    (void)g_log_set_default_handler(say_nothing, NULL);
    gsf_init();
    struct cfb *cfb = cfb_open(nothing, sizeof nothing);
    cfb_close(cfb);
    return RESULT_OK;
}
