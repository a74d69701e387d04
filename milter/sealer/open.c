/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/open.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"
#include "sealer/dearmour.h"
#include "sealer/envelope.h"
#include "sealer/fields.h"
#include "sealer/gpg_decrypt.h"
#include "sealer/gpg_sign.h"
#include "sealer/openpgp.h"
#include "sealer/output.h"
#include "sealer/protected.h"
#include "sealer/secret_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK = 64 * 1024, IDS_MAX = 256 };

enum line_ends { ENDS_UNKNOWN, ENDS_CRLF, ENDS_LF };

struct opener {
    struct dearmour armour;
    struct openpgp *scan;
    struct digest *digest;
    struct output *output;
    uint64_t ids[IDS_MAX]; /* of our keys */
    size_t n_ids;
    uint64_t limit, taken; /* bytes that may come out, and that gpg gave out */
    bool too_big, input_broken;
    enum line_ends ends;
    char last;
    uint8_t block[BLOCK];
};

struct opener *opener_new(void)
{
    struct opener *opener = calloc(1, sizeof *opener);
    if (!opener)
        return NULL;
    opener->scan = openpgp_new();
    opener->digest = digest_new();
    opener->output = malloc(sizeof *opener->output);
    if (opener->scan && opener->digest && opener->output)
        return opener;
    opener_free(opener);
    return NULL;
}

void opener_free(struct opener *opener)
{
    if (!opener)
        return;
    openpgp_free(opener->scan);
    digest_free(opener->digest);
    free(opener->output);
    free(opener);
}

/* --- before gpg is asked ----------------------------------------------------------------------------------
 */

static bool is_ours(const struct opener *opener, uint64_t id)
{
    for (size_t i = 0; i < opener->n_ids; i++)
        if (opener->ids[i] == id)
            return true;
    return false;
}

struct addressees {
    size_t n, n_ours, n_hidden;
};

static struct addressees count_addressees(const struct opener *opener)
{
    struct addressees found = {0, 0, 0};
    const uint64_t *ids = openpgp_key_ids(opener->scan, &found.n);
    for (size_t i = 0; i < found.n; i++) {
        found.n_ours += is_ours(opener, ids[i]);
        found.n_hidden += ids[i] == 0;
    }
    return found;
}

/* Every packet of the armour; NULL: whole. */
static const char *scan_armour(struct opener *opener, struct span text)
{
    static const char nested[] = "-----BEGIN PGP";
    ssize_t got = 0;
    openpgp_begin(opener->scan);
    if (!dearmour_begin(&opener->armour, text))
        return opener->armour.why;
    for (bool first = true; (got = dearmour_read(&opener->armour, opener->block, BLOCK)) > 0; first = false) {
        if (first && (size_t)got >= sizeof nested - 1 &&
            memcmp(opener->block, nested, sizeof nested - 1) == 0)
            return "armour stands within armour";
        if (!openpgp_feed(opener->scan, opener->block, (size_t)got))
            break;
    }
    return got < 0 ? opener->armour.why : openpgp_why(opener->scan);
}

/* Ciphertext for us, plainly named, somewhere in a message that is not sealed as a whole. */
static bool holds_ours(struct opener *opener, struct span message)
{
    size_t at = dearmour_find(message, 0);
    for (; at < message.size; at = dearmour_find(message, at + 1)) {
        (void)scan_armour(opener, (struct span){message.bytes + at, message.size - at});
        if (count_addressees(opener).n_ours)
            return true;
    }
    return false;
}

/* RESULT_OK: for gpg to open; RESULT_NOT_FOUND: not for us. */
static enum result look(struct opener *opener, struct span message, const struct envelope *envelope,
                        struct problem *problem)
{
    if (envelope->form == ENVELOPE_NONE)
        return holds_ours(opener, message)
                   ? problem_set(problem, RESULT_BAD_INPUT, "%s", envelope_blame(message))
                   : RESULT_NOT_FOUND;
    if (envelope->form == ENVELOPE_BROKEN)
        return problem_set(problem, RESULT_BAD_INPUT, "%s", envelope->why);
    const char *why = scan_armour(opener, envelope->armour);
    struct addressees found = count_addressees(opener);
    digest_update(opener->digest, envelope->armour.bytes, envelope->armour.size);
    if (found.n && !found.n_ours && !found.n_hidden)
        return RESULT_NOT_FOUND;
    return why ? problem_set(problem, RESULT_BAD_INPUT, "%s", why) : RESULT_OK;
}

/* --- gpg
 * --------------------------------------------------------------------------------------------------- */

static ssize_t read_ciphertext(void *context, void *bytes, size_t size)
{
    struct opener *opener = context;
    ssize_t got = dearmour_read(&opener->armour, bytes, size);
    if (got >= 0)
        return got;
    opener->input_broken = true;
    errno = EIO;
    return -1;
}

static void put(struct opener *opener, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t part = size - at < OUTPUT_BLOCK ? size - at : OUTPUT_BLOCK;
        memcpy(output_room(opener->output, part), bytes + at, part);
        at += part;
    }
}

/* Mail has CRLF (RFC 5322, 2.1). Who sealed with bare LF is told by his first line. */
static void put_lines(struct opener *opener, const char *bytes, size_t size)
{
    const char *feed = memchr(bytes, '\n', size);
    if (opener->ends == ENDS_UNKNOWN && feed)
        opener->ends = (feed > bytes ? feed[-1] : opener->last) == '\r' ? ENDS_CRLF : ENDS_LF;
    for (; opener->ends == ENDS_LF && feed; feed = memchr(bytes, '\n', size)) {
        size_t part = (size_t)(feed - bytes);
        put(opener, bytes, part);
        put(opener, (part ? feed[-1] : opener->last) == '\r' ? "\n" : "\r\n",
            (part ? feed[-1] : opener->last) == '\r' ? 1 : 2);
        opener->last = '\n';
        bytes += part + 1;
        size -= part + 1;
    }
    put(opener, bytes, size);
    if (size)
        opener->last = bytes[size - 1];
}

static ssize_t write_plaintext(void *context, const void *bytes, size_t size)
{
    struct opener *opener = context;
    opener->taken += size;
    opener->too_big = opener->too_big || opener->output->total + size > opener->limit;
    if (!opener->too_big)
        put_lines(opener, bytes, size);
    if (!opener->too_big && opener->output->result == RESULT_OK)
        return (ssize_t)size;
    errno = EFBIG;
    return -1;
}

static enum result decrypt(struct opener *opener, struct gpg *gpg, struct span armour,
                           const struct open_request *request, struct gpg_decrypted *decrypted,
                           struct problem *problem)
{
    const struct gpg_decryption decryption = {read_ciphertext, write_plaintext, opener};
    opener->too_big = opener->input_broken = false;
    opener->limit = request->limit;
    opener->taken = 0;
    opener->ends = ENDS_UNKNOWN;
    opener->last = '\0';
    output_begin(opener->output, request->output_fd);
    if (!dearmour_begin(&opener->armour, armour))
        return problem_set(problem, RESULT_BUG, "khatm-sealer: the armour changed under it");
    enum result result = gpg_decrypt(gpg, &decryption, clock_wall_ms() / 1000, decrypted, problem);
    if (opener->too_big)
        return problem_set(problem, RESULT_BAD_INPUT, "it opens to more than %llu bytes",
                           (unsigned long long)opener->limit);
    if (opener->input_broken || output_flush(opener->output) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER,
                           "khatm-sealer: the opened message cannot be written: %s",
                           strerror(opener->output->error));
    if (result == RESULT_OK && decrypted->has_length && decrypted->length != opener->taken)
        return problem_set(problem, RESULT_BAD_INPUT, "what is inside ends in the middle");
    return result;
}

/* A key that the registry pins and nobody brought here: the signature may be good, and waits for it. */
static enum result check_pinned(struct gpg *gpg, const struct gpg_decrypted *decrypted, const char *signer,
                                struct problem *problem)
{
    struct gpg_signers unused = {0};
    if (decrypted->state != GPG_SIGNED_BADLY || !decrypted->unknown || !*signer)
        return RESULT_OK;
    enum result result = gpg_list_signers(gpg, signer, &unused, problem);
    return result != RESULT_NOT_FOUND
               ? result
               : problem_set(problem, RESULT_TRY_LATER,
                             "the key %s, which the registry pins for this sender's "
                             "signatures, is not here: take it in with khatm keys import",
                             signer);
}

static enum result check_signer(const struct gpg_decrypted *decrypted, const char *signer,
                                enum open_state *state_out, struct problem *problem)
{
    *state_out = OPEN_UNSIGNED;
    if (decrypted->state == GPG_SIGNED_NOT)
        return RESULT_OK;
    *state_out = OPEN_SIGNED;
    if (decrypted->state == GPG_SIGNED_BADLY)
        return problem_set(problem, RESULT_BAD_INPUT, "%s", decrypted->why);
    if (!*signer || strcmp(decrypted->signer, signer) != 0)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "it is signed by another key than the registry pins for its sender");
    return RESULT_OK;
}

/* gpg 2.2 says that all is well with AEAD chunks that were changed or cut off (GOODMDC). A signature over all
 * of it would not be. */
static enum result check_protection(const struct opener *opener, enum open_state state,
                                    struct problem *problem)
{
    return openpgp_is_aead(opener->scan) && state != OPEN_SIGNED
               ? problem_set(
                     problem, RESULT_BAD_INPUT,
                     "it is protected by AEAD alone, which gpg does not check: sign it, or use an MDC")
               : RESULT_OK;
}

/* --- what came out
 * ----------------------------------------------------------------------------------------- */

static enum result write_fields(int fd, const struct buffer *fields, struct problem *problem)
{
    bool good =
        !fields->failed && (!fields->size || fd_write_all(fd, fields->bytes, fields->size) == RESULT_OK);
    return good ? RESULT_OK
                : problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the header fields cannot be written");
}

/* Signed first and sealed then (RFC 3156, 6.1), as some gateways do. Such a signature only helps: by whoever
 * else, it is an author's, and for the reader to judge. */
static enum result check_inside(struct gpg *gpg, struct span entity, const struct open_request *request,
                                struct open_outcome *outcome, bool *covered, struct problem *problem)
{
    struct span text, signature;
    struct gpg_decrypted verified;
    *covered = true;
    if (outcome->state != OPEN_UNSIGNED || !*request->signer || !envelope_signed(entity, &text, &signature))
        return RESULT_OK;
    const struct gpg_detached detached = {text.bytes, signature.bytes, text.size, signature.size};
    enum result result = gpg_verify_detached(gpg, &detached, clock_wall_ms() / 1000, &verified, problem);
    if (result == RESULT_OK)
        result = check_pinned(gpg, &verified, request->signer, problem);
    if (result == RESULT_OK && verified.state == GPG_SIGNED_WELL &&
        strcmp(verified.signer, request->signer) == 0) {
        outcome->state = OPEN_SIGNED;
        *covered = false;
    }
    return result;
}

static enum result split(struct span message, struct span entity, bool covered,
                         const struct open_request *request, struct open_outcome *outcome,
                         struct problem *problem)
{
    struct span outer, inner;
    size_t outer_body, body;
    struct buffer fields;
    if (!fields_split(message, &outer, &outer_body) || !fields_split(entity, &inner, &body) || !inner.size ||
        inner.size > SEAL_INNER_HEADER_MAX)
        return problem_set(problem, RESULT_BAD_INPUT, "what is inside has no proper header section");
    buffer_init(&fields, (size_t)2 * SEAL_INNER_HEADER_MAX);
    size_t n = 0;
    const char *why = protected_fields(outer, inner, covered, &fields, &n);
    enum result result = why ? problem_set(problem, RESULT_BAD_INPUT, "%s", why)
                             : write_fields(request->fields_fd, &fields, problem);
    buffer_free(&fields);
    outcome->n_fields = n;
    outcome->body_offset = body;
    outcome->size = entity.size;
    return result;
}

static enum result read_entity(struct gpg *gpg, struct span message, uint64_t size,
                               const struct open_request *request, struct open_outcome *outcome,
                               struct problem *problem)
{
    bool covered;
    if (!size)
        return problem_set(problem, RESULT_BAD_INPUT, "nothing is inside");
    void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, request->output_fd, 0);
    if (bytes == MAP_FAILED)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the opened message cannot be read: %s",
                           strerror(errno));
    const struct span entity = {bytes, size};
    enum result result = check_inside(gpg, entity, request, outcome, &covered, problem);
    if (result == RESULT_OK)
        result = split(message, entity, covered, request, outcome, problem);
    (void)munmap(bytes, size);
    return result;
}

/* Hidden key ids of which none opened: not for us, unless our own key would not open anything just now. */
static enum result none_of_ours(const struct opener *opener, struct gpg *gpg, struct problem *problem)
{
    struct problem trouble = {""};
    if (!count_addressees(opener).n_ours && secret_try(gpg, &trouble) == RESULT_OK)
        return RESULT_OK;
    return problem_set(problem, RESULT_TRY_LATER, "gpg: the secret key cannot be used%s%s",
                       trouble.text[0] ? ": " : "", trouble.text);
}

static enum result open_message(struct opener *opener, struct gpg *gpg, struct span message,
                                const struct envelope *envelope, const struct open_request *request,
                                struct open_outcome *outcome, struct problem *problem)
{
    struct gpg_decrypted decrypted = {0};
    outcome->state = OPEN_NOT_OURS;
    enum result result = look(opener, message, envelope, problem);
    if (result == RESULT_OK && digest_finish(opener->digest, outcome->sha256) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the digest failed");
    if (result == RESULT_OK)
        result = decrypt(opener, gpg, envelope->armour, request, &decrypted, problem);
    if (result == RESULT_NOT_FOUND)
        return none_of_ours(opener, gpg, problem);
    if (result == RESULT_OK)
        result = check_pinned(gpg, &decrypted, request->signer, problem);
    if (result == RESULT_OK)
        result = check_signer(&decrypted, request->signer, &outcome->state, problem);
    if (result == RESULT_OK)
        result = check_protection(opener, outcome->state, problem);
    if (result == RESULT_OK)
        result = read_entity(gpg, message, opener->output->total, request, outcome, problem);
    return result;
}

enum result opener_open(struct opener *opener, struct gpg *gpg, const struct open_request *request,
                        struct open_outcome *outcome_out, struct problem *problem)
{
    uint8_t unused[DIGEST_BYTES];
    struct envelope envelope;
    memset(outcome_out, 0, sizeof *outcome_out);
    enum result result =
        opener->n_ids ? RESULT_OK : gpg_secret_ids(gpg, opener->ids, IDS_MAX, &opener->n_ids, problem);
    if (result == RESULT_OK && !opener->n_ids)
        result = problem_set(problem, RESULT_TRY_LATER, "gpg: there is no secret key to open with");
    if (result == RESULT_OK && digest_finish(opener->digest, unused) != RESULT_OK)
        result = problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the digest failed");
    if (result != RESULT_OK)
        return result;
    openpgp_begin(opener->scan); /* of the message before this one */
    void *bytes = mmap(NULL, request->size, PROT_READ, MAP_SHARED, request->message_fd, 0);
    if (bytes == MAP_FAILED)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the message cannot be read: %s",
                           strerror(errno));
    const struct span message = {bytes, request->size};
    if (envelope_read(message, &envelope))
        result = open_message(opener, gpg, message, &envelope, request, outcome_out, problem);
    else
        result = problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: no memory");
    envelope_free(&envelope);
    (void)munmap(bytes, request->size);
    return result;
}
