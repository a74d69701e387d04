/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/tree.h"

#include "helper/pages.h"
#include "inspector/address.h"
#include "inspector/inline_picture.h"
#include "inspector/judge.h"
#include "inspector/labels.h"
#include "inspector/mime.h"
#include "inspector/role.h"
#include "inspector/text_sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NESTED_DIGESTS_MAX = 4, /* digests of messages within messages: each reads its bytes again */
};

struct tree {
    struct desk *desk;
    struct opener *opener;
    struct tree_finding *finding;
    const char *within; /* path of the document that holds it; NULL: none */
    bool first_time;    /* nobody reported conversation and addresses before */
    struct structure structure;
    struct mime mime;
    unsigned nested_digests;
    struct judge judge;
    bool wants_references; /* a part has a Content-ID that HTML could show */
    bool marked;           /* the header section says that this is an administrative document */
};

static void note(const char **first, const char *why)
{
    if (!*first)
        *first = why;
}

/* False: no room, and nothing can be said of this part. */
static bool path_of(struct tree *tree, size_t at, char path[INNER_PATH_ROOM])
{
    char own[ROLE_PATH_ROOM];
    role_path(&tree->structure, at, own);
    int size = snprintf(path, INNER_PATH_ROOM, "%s%s%s", tree->within ? tree->within : "",
                        tree->within ? "!" : "", own);
    if (size >= 0 && size < INNER_PATH_ROOM)
        return true;
    note(&tree->finding->incomplete, "packed too deep to be named");
    return false;
}

/* What the raw scan found inside a part, as a part of its own. */
static void report_raw(struct tree *tree, const char *path, const char *what, unsigned flags)
{
    char raw[INNER_PATH_ROOM + 8];
    (void)snprintf(raw, sizeof raw, "%s:raw", path);
    const struct part_finding part = {.path = raw, .why = what, .flags = PART_DOCUMENT | flags};
    report_part(tree->opener->report, &part);
    tree->finding->flags |= flags;
}

static void report_scan(struct tree *tree, const char *path, const struct rawscan *scan)
{
    if (!scan->found)
        return;
    bool opaque = scan->opaque && !scan->lied;
    report_raw(tree, path, scan->found,
               (opaque ? PART_OPAQUE : PART_UNREAD) | (scan->lied ? PART_AMBIGUOUS : 0));
}

static enum role role_at(const struct tree *tree, size_t at)
{
    return role_of(&tree->structure, &tree->mime, at);
}

/* While one leaf is read. */
struct leaf {
    const struct entity *entity;
    enum role role;
    unsigned wants; /* content_want */
    struct judgement judgement;
    char kind[INSPECT_TYPE_MAX + 1];
};

/* Text that people write to each other, which may say what it is: bodies, cards, invitations. */
static bool is_conversation(const struct leaf *leaf)
{
    unsigned flags = leaf->judgement.flags;
    if (leaf->role == ROLE_BODY)
        return !(flags & PART_UNREAD);
    return !(flags & PART_DOCUMENT) && (flags & PART_READ) && !strncmp(leaf->kind, "text/", 5);
}

/* Shows no text, and may have some in it. Gone over again by whoever can open files in that text. */
static bool has_notes(const struct tree *tree, const struct leaf *leaf)
{
    unsigned flags = leaf->judgement.flags;
    bool picture = (flags & PART_READ) && !strncmp(leaf->kind, "image/", 6);
    bool signature = (flags & PART_SIGNATURE) && strcmp(leaf->kind, "application/pgp-signature") != 0;
    return !(flags & PART_DOCUMENT) && (picture || signature) && tree->desk->content.whole;
}

static bool is_to_be_opened(const struct tree *tree, const struct leaf *leaf)
{
    unsigned flags = leaf->judgement.flags;
    if (leaf->role == ROLE_ELSEWHERE || (flags & PART_OPAQUE))
        return false;
    /* Whoever can open them goes again over a text that carries files. */
    if (is_conversation(leaf))
        return (tree->first_time && text_sink_is_used()) ||
               (tree->opener->last && tree->desk->content.text.found);
    return leaf->judgement.maybe || ((flags & PART_DOCUMENT) && !(flags & PART_READ));
}

/* khatm-reader will look at it from the start. */
static bool is_handed_on(const struct tree *tree, const struct leaf *leaf)
{
    return !tree->opener->last && is_to_be_opened(tree, leaf) && !is_conversation(leaf) &&
           !reader_find(tree->opener->readers, leaf->kind) && strcmp(leaf->kind, "message/rfc822") != 0;
}

static void judge_leaf(struct tree *tree, struct leaf *leaf)
{
    const struct content *content = &tree->desk->content;
    judge_content(&leaf->judgement, &tree->judge, leaf->role, leaf->entity, content);
    if (leaf->role == ROLE_BODY && tree->marked)
        judgement_raise(&leaf->judgement, PART_DOCUMENT,
                        "the message says that it is an administrative document");
    const char *kind = leaf->judgement.kind;
    (void)snprintf(leaf->kind, sizeof leaf->kind, "%s",
                   kind ? kind
                        : document_kind(tree->opener, content->head, content->head_size, content->size));
}

static void read_content(struct tree *tree, struct leaf *leaf, unsigned wants)
{
    leaf->wants = wants;
    if (wants & WANT_WHOLE) /* what took the message apart has done its work */
        pages_rest_beside(leaf->entity->end_at - leaf->entity->body_at);
    content_read(&tree->desk->content, &tree->desk->source, leaf->entity, tree->opener->digest, wants);
}

struct carrier {
    struct tree *tree;
    const char *path;
};

static void read_carried(void *context, const void *bytes, size_t size)
{
    struct carrier *carrier = context;
    carrier->tree->finding->flags |=
        document_read_inner_notes(carrier->tree->opener, carrier->path, NULL, bytes, size);
}

/* Rare: something was found in HTML, which may be a logo that it carries within itself. */
static void forgive_pictures(struct tree *tree, struct leaf *leaf, const char *path)
{
    struct content *content = &tree->desk->content;
    struct carrier carrier = {tree, path};
    if (leaf->role != ROLE_BODY || !content->text.found ||
        strcmp(leaf->entity->fields.type, "text/html") != 0)
        return;
    if (!content->whole)
        read_content(tree, leaf, leaf->wants | WANT_WHOLE);
    if (!content->whole || !inline_pictures_blank(content->whole, (size_t)content->size,
                                                  &tree->judge.pictures, read_carried, &carrier))
        return;
    rawscan_init(&content->text);
    rawscan_feed(&content->text, content->whole, (size_t)content->size);
    rawscan_finish(&content->text);
}

/* Rare: what looked like conversation and is none is read once more, for its digest and whole; what was no
 * text by its label, for what text is asked. */
static void read_again(struct tree *tree, struct leaf *leaf)
{
    unsigned wants = leaf->wants | WANT_DIGEST | WANT_WHOLE;
    if (!strncmp(leaf->kind, "text/", 5))
        wants |= WANT_TEXT;
    unsigned more = wants & ~leaf->wants;
    bool document = (leaf->judgement.flags & PART_DOCUMENT) || leaf->judgement.maybe;
    if (!document || !more || is_handed_on(tree, leaf))
        return;
    read_content(tree, leaf, wants);
    if (more & WANT_TEXT)
        judge_leaf(tree, leaf);
}

/* Mail is read as mail. RTF keeps objects and pictures in hexadecimal, which its reader accounts for. */
static bool is_scanned(const struct leaf *leaf, const struct content *content)
{
    static const char rtf[] = "{\\rtf";
    bool text = leaf->role == ROLE_BODY || leaf->role == ROLE_TEXT || leaf->role == ROLE_MAYBE_TEXT;
    bool is_rtf = leaf->role != ROLE_BODY && content->head_size >= sizeof rtf - 1 &&
                  !memcmp(content->head, rtf, sizeof rtf - 1);
    return text && !is_rtf && judge_is_text(content) && strcmp(leaf->kind, "message/rfc822") != 0;
}

static void report_leaf(struct tree *tree, const struct leaf *leaf, const char *path)
{
    const struct content *content = &tree->desk->content;
    struct part_finding part = {.path = path,
                                .kind = leaf->kind,
                                .why = leaf->judgement.why,
                                .flags = leaf->judgement.flags,
                                .size_bytes = content->size};
    part.has_sha256 = content->digested;
    memcpy(part.sha256, content->sha256, DIGEST_BYTES);
    if (content->failed)
        note(&tree->finding->incomplete, "no digest could be made");
    report_part(tree->opener->report, &part);
    if (is_scanned(leaf, content))
        report_scan(tree, path, &content->text);
    tree->finding->flags |= part.flags;
}

static void read_leaf(struct tree *tree, size_t at, const char *path)
{
    struct content *content = &tree->desk->content;
    struct leaf leaf = {.entity = &tree->structure.entities[at], .role = role_at(tree, at)};
    unsigned wants = judge_wants(leaf.role, leaf.entity);
    if (leaf.role == ROLE_BODY && tree->wants_references)
        wants |= WANT_REFERENCES;
    /* Its text may say that it is a document. */
    if ((wants & WANT_TEXT) && tree->first_time && text_sink_is_used())
        wants |= WANT_WHOLE | WANT_DIGEST;
    judge_role(&leaf.judgement, leaf.role, leaf.entity, tree->mime.parts[at].two_names);
    read_content(tree, &leaf, wants);
    forgive_pictures(tree, &leaf, path);
    judge_leaf(tree, &leaf);
    read_again(tree, &leaf);
    report_leaf(tree, &leaf, path);
    if (is_to_be_opened(tree, &leaf)) {
        const struct document document = {.path = path,
                                          .name = tree->mime.parts[at].name,
                                          .bytes = content->whole,
                                          .size = (size_t)content->size,
                                          .kind = leaf.kind,
                                          .charset = leaf.entity->fields.charset,
                                          .conversation = is_conversation(&leaf),
                                          .maybe = leaf.judgement.maybe};
        tree->finding->flags |= document_read(tree->opener, &document);
    }
    if (has_notes(tree, &leaf))
        tree->finding->flags |=
            document_read_notes(tree->opener, path, leaf.kind, content->whole, (size_t)content->size);
    content_release(content);
}

static void read_nested(struct tree *tree, size_t at, const char *path)
{
    const struct entity *entity = &tree->structure.entities[at];
    struct part_finding part = {.path = path, .kind = "message/rfc822", .flags = PART_DOCUMENT | PART_NESTED};
    part.size_bytes = entity->end_at - entity->body_at;
    if (tree->nested_digests++ < NESTED_DIGESTS_MAX)
        part.has_sha256 = content_digest_raw(&tree->desk->source, entity->body_at, entity->end_at,
                                             tree->opener->digest, part.sha256);
    report_part(tree->opener->report, &part);
    (void)labels_read_at(&tree->desk->source, entity->body_at, entity->end_at, path, tree->opener->report);
}

static void report_labelled(struct tree *tree, const struct part_finding *part)
{
    report_part(tree->opener->report, part);
    tree->finding->flags |= part->flags;
}

/* What our own reading shows, before a library meets the message. True: not only conversation. */
static bool report_structure(struct tree *tree, size_t at, const char *path)
{
    const struct entity *entity = &tree->structure.entities[at];
    struct judgement judgement = {0};
    if (entity->outside)
        report_raw(tree, path, entity->outside, PART_UNREAD | PART_AMBIGUOUS);
    switch (entity->form) {
    case FORM_MULTIPART:
        note(&tree->finding->ambiguous, entity->fields.odd);
        return entity->outside || entity->fields.odd;
    case FORM_MESSAGE:
        tree->finding->nested = true;
        if (entity->fields.odd)
            judgement_raise(&judgement, PART_UNREAD | PART_AMBIGUOUS, entity->fields.odd);
        judgement_raise(&judgement, PART_DOCUMENT | PART_NESTED, "nested message");
        break;
    case FORM_LEAF:
        judge_role(&judgement, role_of(&tree->structure, NULL, at), entity, false);
        break;
    }
    const struct part_finding part = {
        .path = path, .declared = entity->fields.type, .flags = judgement.flags, .why = judgement.why};
    report_labelled(tree, &part);
    return entity->outside || part.flags;
}

/* What a name adds. */
static void report_name(struct tree *tree, size_t at, const char *path)
{
    const struct entity *entity = &tree->structure.entities[at];
    const struct mime_part *named = &tree->mime.parts[at];
    struct judgement judgement = {0};
    if (!named->name && !named->two_names)
        return;
    if (entity->form == FORM_LEAF)
        judge_role(&judgement, role_at(tree, at), entity, named->two_names);
    const struct part_finding part = {
        .path = path, .name = named->name, .flags = judgement.flags, .why = judgement.why};
    report_labelled(tree, &part);
}

/* A message as it came, not one that is packed in a document, nor one that has been gone over. */
static bool is_new(const struct tree *tree)
{
    return tree->first_time && !tree->within;
}

/* Goes out before a library meets the message, unless it is conversation: a library in a stranger's hands
 * could keep it back. */
static void tell_structure(struct tree *tree)
{
    struct structure *structure = &tree->structure;
    struct report *report = tree->opener->report;
    char path[INNER_PATH_ROOM];
    bool news = structure->limit != 0;
    tree->finding->limits |= structure->limit;
    note(&tree->finding->incomplete, structure->limit_why);
    for (size_t i = 0; i < structure->n_entities && !structure->limit; i++)
        if (path_of(tree, i, path))
            news |= report_structure(tree, i, path);
    if (!is_new(tree))
        return;
    report_limit(report, structure->limit, structure->limit_why);
    report_ambiguous(report, tree->finding->ambiguous);
    if (news)
        report_so_far(report);
}

/* Documents wait for the reader who comes after us, if there is one. */
static bool is_ours(const struct tree *tree, size_t at)
{
    enum role role = tree->structure.entities[at].form == FORM_LEAF ? role_at(tree, at) : ROLE_BODY;
    return tree->opener->last || (role != ROLE_DOCUMENT && role != ROLE_TNEF);
}

/* Text first: it says which pictures belong to it. */
static void read_parts(struct tree *tree, bool bodies)
{
    char path[INNER_PATH_ROOM];
    for (size_t i = 0; i < tree->structure.n_entities && !tree->opener->report->failed; i++) {
        enum entity_form form = tree->structure.entities[i].form;
        bool body = form == FORM_LEAF && role_at(tree, i) == ROLE_BODY;
        if (body != bodies || !path_of(tree, i, path))
            continue;
        if (form == FORM_LEAF && is_ours(tree, i))
            read_leaf(tree, i, path);
        else if (form == FORM_MESSAGE && tree->first_time)
            read_nested(tree, i, path);
    }
}

static void read_tree(struct tree *tree)
{
    char path[INNER_PATH_ROOM];
    struct report *report = tree->opener->report;
    note(&tree->finding->ambiguous, tree->mime.odd);
    for (size_t i = 0; i < tree->structure.n_entities; i++) {
        if (path_of(tree, i, path))
            report_name(tree, i, path);
        tree->wants_references |= tree->structure.entities[i].fields.content_id != 0;
    }
    if (is_new(tree))
        report_ambiguous(report, tree->finding->ambiguous);
    if (is_new(tree) && tree->mime.odd)
        report_so_far(report);
    report_flush(report);
    read_parts(tree, true);
    read_parts(tree, false);
}

static void read_message(struct tree *tree, const struct tree_limits *limits)
{
    struct structure *structure = &tree->structure;
    struct report *report = tree->opener->report;
    if (!tree->desk->source.size)
        return;
    if (!structure->n_entities)
        structure_read(structure, &tree->desk->source, limits->depth, limits->parts);
    if (structure->no_memory) {
        tree->finding->limits |= LIMIT_MEMORY;
        note(&tree->finding->incomplete, "no memory for its structure");
        return;
    }
    tell_structure(tree);
    if (is_new(tree))
        address_read(buffer_text(&structure->header), structure->header.size, report);
    if (structure->limit)
        return;
    if (tree->first_time)
        tree->marked = labels_read(buffer_text(&structure->header), structure->header.size,
                                   tree->within ? tree->within : "0", report);
    if (is_new(tree))
        report_so_far(report);
    if (tree->first_time)
        mime_read(&tree->mime, &tree->desk->source, structure, tree->opener->final && !tree->within);
    else
        mime_read_names(&tree->mime, &tree->desk->source, structure);
    if (tree->mime.failed)
        note(&tree->finding->incomplete, "GMime could not read it");
    else
        read_tree(tree);
}

/* The structure stays. */
static void read_and_free(struct tree *tree, const struct tree_limits *limits)
{
    *tree->finding = (struct tree_finding){0};
    tree->judge.opener = tree->opener;
    tree->judge.scan = &tree->desk->scan;
    tree->desk->content.references = &tree->judge.references;
    read_message(tree, limits);
    if (tree->desk->source.failed)
        note(&tree->finding->incomplete, "the message is shorter than it should be");
    mime_free(&tree->mime);
}

void tree_read(struct desk *desk, struct opener *opener, const struct tree_limits *limits, bool first_time,
               struct structure *structure, struct tree_finding *finding_out)
{
    struct tree tree = {.desk = desk,
                        .opener = opener,
                        .structure = *structure,
                        .finding = finding_out,
                        .first_time = first_time};
    read_and_free(&tree, limits);
    *structure = tree.structure;
}

void tree_read_inner(struct opener *opener, const struct tree_limits *limits, const char *path,
                     const char *bytes, size_t size, struct tree_finding *finding_out)
{
    struct tree tree = {.desk = calloc(1, sizeof *tree.desk),
                        .opener = opener,
                        .finding = finding_out,
                        .within = path,
                        .first_time = true};
    *finding_out = (struct tree_finding){.limits = LIMIT_MEMORY, .incomplete = "no memory for it"};
    if (!tree.desk)
        return;
    source_open_memory(&tree.desk->source, bytes, size);
    read_and_free(&tree, limits);
    structure_free(&tree.structure);
    free(tree.desk);
}
