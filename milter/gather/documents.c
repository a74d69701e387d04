/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/documents.h"

#include <assert.h>
#include <string.h>

enum {
    DCP_LEVEL = 2, /* personal data: DIFFUSION RESTREINTE at least */
    MARKINGS_TOLD = 8,
    SHARE_ALL = 100,
    HASH_BYTES = 6, /* of a sketch */
    /* The text of a message is that of a known document only when there is enough of it, and is remembered as
     * one only when it is more than a note above a signature that thousands of messages have. */
    CONVERSATION_HASHES = 48,
    MESSAGE_HASHES = 300,
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

/* A document whose bytes nobody has cannot be known; one that could not be looked up may be. */
static enum fact known_of(const struct document_facts *documents, size_t n)
{
    enum fact known = FACT_NO;
    for (size_t i = 0; i < n && known != FACT_YES; i++)
        if (documents[i].known == FACT_YES)
            known = FACT_YES;
        else if (documents[i].known == FACT_UNKNOWN && documents[i].sha256)
            known = FACT_UNKNOWN;
    return known;
}

struct gathering {
    const struct message *message;
    struct journal *journal; /* NULL */
    struct rank rank;
    const char *const *markings; /* of the message */
    struct document_facts *documents;
    struct record_text *texts; /* one for each document */
    size_t n;
};

/* One yes is enough, and without one what could not be told is not no. */
static enum fact either(enum fact a, enum fact b)
{
    if (a == FACT_YES || b == FACT_YES)
        return FACT_YES;
    return a == FACT_UNKNOWN || b == FACT_UNKNOWN ? FACT_UNKNOWN : FACT_NO;
}

static enum result look_up(const struct gathering *gathering, struct document_facts *document,
                           struct record_text *text)
{
    struct text_match *match = &text->match;
    char reference[REFERENCE_BYTES] = "";
    const char *resembles = NULL;
    if (document->sha256)
        document->known = journal_knows_document(gathering->journal, document->sha256, reference);
    if (text->sha256 || text->sketch) {
        journal_match_text(gathering->journal, text, match);
        document->known = document->sha256 ? either(document->known, match->known) : match->known;
    }
    if (*reference) {
        document->known_by = KNOWN_BY_BYTES;
        document->share = SHARE_ALL;
        resembles = reference;
    } else if (match->text) {
        document->known_by = match->by;
        document->share = match->share;
        resembles = match->reference;
    }
    document->resembles = arena_strdup(gathering->message->arena, resembles);
    return document->resembles || !resembles ? RESULT_OK : RESULT_TRY_LATER;
}

/* The text of a message, or one that nobody gave a file name. */
static bool is_message_text(const struct part_finding *part)
{
    return !part->name && part->kind &&
           (!strcmp(part->kind, "text/plain") || !strcmp(part->kind, "text/html"));
}

static enum result add_document(struct gathering *gathering, const struct part_finding *part)
{
    struct document_facts *document = &gathering->documents[gathering->n];
    struct record_text *text = &gathering->texts[gathering->n];
    *text = (struct record_text){.sha256 = part->has_text_sha256 ? part->text_sha256 : NULL,
                                 .sketch = part->sketch,
                                 .sketch_size = part->sketch_size,
                                 .exact_only = is_message_text(part) &&
                                               part->sketch_size < (size_t)MESSAGE_HASHES * HASH_BYTES};
    enum result result =
        add_part(gathering->message->arena, part, gathering->rank, gathering->markings, document);
    if (result == RESULT_OK && gathering->journal)
        result = look_up(gathering, document, text);
    return result;
}

/* Whose text it is decides whether it is a document; what is not one is not kept. */
static enum result add_conversation(struct gathering *gathering, const struct part_finding *part,
                                    struct problem *problem)
{
    struct document_facts *document = &gathering->documents[gathering->n];
    if (gathering->message->attach->role == ROLE_INBOUND || !gathering->journal ||
        part->sketch_size < (size_t)CONVERSATION_HASHES * HASH_BYTES)
        return RESULT_OK;
    enum result result = add_document(gathering, part);
    if (result != RESULT_OK)
        return problem_set(problem, result, "no memory for the facts");
    if (document->known == FACT_UNKNOWN)
        return problem_set(problem, RESULT_TRY_LATER, "journal: cannot say whether it knows a text");
    document->why = "the text of a known document";
    gathering->n += document->known == FACT_YES;
    return RESULT_OK;
}

enum result gather_documents(const struct message *message, const struct findings *findings,
                             struct journal *journal, struct policy_facts *facts,
                             const struct record_text **texts_out, struct problem *problem)
{
    struct gathering gathering = {
        .message = message,
        .journal = journal,
        .rank = rank_of_message(message, findings, &facts->sender),
        .documents = arena_alloc(message->arena, findings->n_parts + 1, sizeof *gathering.documents),
        .texts = arena_alloc(message->arena, findings->n_parts + 1, sizeof *gathering.texts)};
    enum result result = markings_of_message(message->arena, findings, &gathering.markings);
    if (!gathering.documents || !gathering.texts)
        result = RESULT_TRY_LATER;
    for (size_t i = 0; result == RESULT_OK && i < findings->n_parts; i++) {
        if (!(findings->parts[i].flags & PART_DOCUMENT)) {
            result = add_conversation(&gathering, &findings->parts[i], problem);
            if (result != RESULT_OK)
                return result;
            continue;
        }
        result = add_document(&gathering, &findings->parts[i]);
        gathering.n++;
    }
    if (result != RESULT_OK)
        return problem_set(problem, result, "no memory for the facts");
    size_t n = gathering.n;
    if (!findings->complete || findings->limits || (findings->ambiguous && n == 0)) {
        gathering.texts[n] = (struct record_text){0};
        add_whole_message(message, findings, gathering.rank, &gathering.documents[n++]);
    }
    facts->documents = gathering.documents;
    facts->n_documents = n;
    *texts_out = gathering.texts;
    facts->known = known_of(gathering.documents, n);
    sum_up(facts);
    if (findings->ambiguous)
        facts->content |= CONTENT_AMBIGUOUS;
    return RESULT_OK;
}
