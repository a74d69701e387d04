/* SPDX-License-Identifier: Apache-2.0 */
#include "gather_documents.h"

#include <assert.h>

enum {
    DCP_LEVEL = 2, /* personal data: DIFFUSION RESTREINTE at least */
    MARKINGS_TOLD = 8,
};

static_assert(FINDING_ENQUETE == (int)CAVEAT_ENQUETE && FINDING_DCP == (int)CAVEAT_DCP &&
                  FINDING_PERSONNEL == (int)CAVEAT_PERSONNEL && FINDING_URGENT == (int)CAVEAT_URGENT &&
                  FINDING_EMBARGO == (int)CAVEAT_EMBARGO && FINDING_LEVEL_MAX == (int)LEVEL_MAX,
              "caveats and levels are the same on both sides");

/* What a message or a part is marked with. */
struct rank {
    int level;
    unsigned caveats;
};

static void raise(struct rank *rank, int level, unsigned caveats)
{
    rank->caveats |= caveats;
    if (level > rank->level)
        rank->level = level;
    if ((rank->caveats & CAVEAT_DCP) && rank->level < DCP_LEVEL)
        rank->level = DCP_LEVEL;
}

static void raise_by_part(struct rank *rank, const struct part_finding *part)
{
    raise(rank, part->has_level ? (int)part->level : 0, part->caveats);
}

/* What any document of a government sender is unless something says otherwise (INTERNE); what citizens send
 * in has no level of ours. */
static int default_level(const struct message *message, const struct sender_facts *sender)
{
    bool outsider = sender->class == SENDER_OUTSIDER || sender->class == SENDER_NULL;
    return message->attach->role == ROLE_INBOUND && outsider ? 0 : 1;
}

/* The text of the message is no document, and its subject and labels are not: what they say is about what the
 * message carries. */
static struct rank rank_of_message(const struct message *message, const struct findings *findings,
                                   const struct sender_facts *sender)
{
    struct rank rank = {.level = default_level(message, sender)};
    for (size_t i = 0; i < findings->n_parts; i++)
        if (!(findings->parts[i].flags & PART_DOCUMENT))
            raise_by_part(&rank, &findings->parts[i]);
    return rank;
}

static size_t count_texts(const char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

/* `more` behind `list`. NULL: no memory, or nothing in both. */
static const char *const *join_lists(struct arena *arena, const char *const *list, const char *const *more)
{
    if (!list || !more)
        return list ? list : more;
    size_t n = count_texts(list), n_more = count_texts(more);
    const char **joined = arena_alloc(arena, n + n_more + 1, sizeof *joined);
    for (size_t i = 0; joined && i < n + n_more; i++)
        joined[i] = i < n ? list[i] : more[i - n];
    return joined;
}

/* What gave the message its rank, told with each of its documents; a few, since there may be many of both. */
static enum result markings_of_message(struct arena *arena, const struct findings *findings,
                                       const char *const **markings_out)
{
    *markings_out = NULL;
    for (size_t i = 0; i < findings->n_parts; i++) {
        const struct part_finding *part = &findings->parts[i];
        if ((part->flags & PART_DOCUMENT) || !part->markings || count_texts(*markings_out) >= MARKINGS_TOLD)
            continue;
        *markings_out = join_lists(arena, *markings_out, part->markings);
        if (!*markings_out)
            return RESULT_TRY_LATER;
    }
    return RESULT_OK;
}

static enum result add_part(struct arena *arena, const struct part_finding *part, struct rank rank,
                            const char *const *markings, struct document_facts *document)
{
    const char *const *all = join_lists(arena, part->markings, markings);
    if (!all && (part->markings || markings))
        return RESULT_TRY_LATER;
    raise_by_part(&rank, part);
    *document = (struct document_facts){
        .path = part->path,
        .name = part->name,
        .kind = part->kind ? part->kind : "application/octet-stream",
        .why = part->why,
        .level = rank.level,
        .caveats = rank.caveats,
        .unread = part->flags & PART_UNREAD,
        .opaque = part->flags & PART_OPAQUE,
        .ambiguous = part->flags & PART_AMBIGUOUS,
        .size_bytes = part->size_bytes,
        .markings = all,
        .references = part->references,
    };
    if (!part->has_sha256)
        return RESULT_OK;
    char hex[DIGEST_HEX];
    hex_encode(part->sha256, DIGEST_BYTES, hex);
    document->sha256 = arena_strdup(arena, hex);
    return document->sha256 ? RESULT_OK : RESULT_TRY_LATER;
}

/* A message that could not be read to its end is one unread document, whatever else it showed. */
static void add_whole_message(const struct message *message, const struct findings *findings,
                              struct rank rank, struct document_facts *document)
{
    *document = (struct document_facts){
        .path = "0",
        .kind = "message/rfc822",
        .why = findings->incomplete_why ? findings->incomplete_why : findings->ambiguous_why,
        .level = rank.level,
        .caveats = rank.caveats,
        .unread = true,
        .size_bytes = message->spool.size,
    };
}

static unsigned content_of(const struct document_facts *document)
{
    unsigned content = document->opaque   ? CONTENT_OPAQUE
                       : document->sealed ? CONTENT_SEALED
                                          : CONTENT_DOCUMENT;
    return content | (document->ambiguous ? CONTENT_AMBIGUOUS : 0U);
}

static void sum_up(struct policy_facts *facts)
{
    struct rank rank = {0};
    for (size_t i = 0; i < facts->n_documents; i++) {
        facts->content |= content_of(&facts->documents[i]);
        raise(&rank, facts->documents[i].level, facts->documents[i].caveats);
    }
    facts->level = rank.level;
    facts->caveats = rank.caveats;
}

enum result gather_documents(const struct message *message, const struct findings *findings,
                             struct journal *journal, struct policy_facts *facts)
{
    struct document_facts *documents = arena_alloc(message->arena, findings->n_parts + 1, sizeof *documents);
    struct rank rank = rank_of_message(message, findings, &facts->sender);
    const char *const *markings;
    size_t n = 0;
    if (!documents || markings_of_message(message->arena, findings, &markings) != RESULT_OK)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < findings->n_parts; i++) {
        if (!(findings->parts[i].flags & PART_DOCUMENT))
            continue;
        if (add_part(message->arena, &findings->parts[i], rank, markings, &documents[n]) != RESULT_OK)
            return RESULT_TRY_LATER;
        if (journal && documents[n].sha256)
            documents[n].known = journal_knows_document(journal, documents[n].sha256);
        n++;
    }
    if (!findings->complete || findings->limits || (findings->ambiguous && n == 0))
        add_whole_message(message, findings, rank, &documents[n++]);
    facts->documents = documents;
    facts->n_documents = n;
    sum_up(facts);
    if (findings->ambiguous)
        facts->content |= CONTENT_AMBIGUOUS;
    return RESULT_OK;
}
