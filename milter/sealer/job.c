/* SPDX-License-Identifier: Apache-2.0 */
#include "sealer/job.h"

#include "base/digest.h"
#include "base/fd.h"
#include "sealer/armour.h"
#include "sealer/body.h"
#include "sealer/openpgp.h"
#include "sealer/resident.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

struct job {
    struct output *output;
    struct armour *armour;
    struct openpgp *scan;
    struct digest *digest;
    const struct job_request *request;
    uint64_t inner_size;
    uint64_t fed; /* payload bytes handed to gpg */
    bool input_broken, refused;
    uint8_t block[BLOCK]; /* of ciphertext whose key ids are being taken out */
};

struct job *job_new(void)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->output = malloc(sizeof *job->output);
    job->armour = armour_new();
    job->scan = openpgp_new();
    job->digest = digest_new();
    if (job->output && job->armour && job->scan && job->digest)
        return job;
    job_free(job);
    return NULL;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    free(job->output);
    armour_free(job->armour);
    openpgp_free(job->scan);
    digest_free(job->digest);
    free(job);
}

static uint64_t payload_size(const struct job *job)
{
    return job->inner_size + 2 + job->request->body_size;
}

static ssize_t refuse_input(struct job *job, int error)
{
    job->input_broken = true;
    errno = error;
    return -1;
}

/* What lies at payload position `at`, from whichever of inner header section, empty line and body it falls
 * in. */
static ssize_t read_piece(const struct job *job, uint64_t at, char *bytes, size_t size)
{
    const struct job_request *request = job->request;
    uint64_t body_at = job->inner_size + 2, end = payload_size(job);
    uint64_t piece_end = at < job->inner_size ? job->inner_size : at < body_at ? body_at : end;
    size_t take = size < piece_end - at ? size : (size_t)(piece_end - at);
    if (at < job->inner_size)
        return pread(request->inner_fd, bytes, take, (off_t)at);
    if (at >= body_at)
        return pread(request->message_fd, bytes, take, (off_t)(request->body_offset + (at - body_at)));
    memcpy(bytes, &"\r\n"[at - job->inner_size], take);
    return (ssize_t)take;
}

/* As much as fits, so that gpg is woken once for a small message. A file that is shorter than was said is an
 * error, never an early end. */
static ssize_t read_payload(void *context, void *bytes, size_t size)
{
    struct job *job = context;
    size_t filled = 0;
    if (job->input_broken)
        return refuse_input(job, EIO);
    while (filled < size && job->fed < payload_size(job)) {
        ssize_t got = read_piece(job, job->fed, (char *)bytes + filled, size - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return refuse_input(job, got < 0 ? errno : EIO);
        filled += (size_t)got;
        job->fed += (uint64_t)got;
    }
    return (ssize_t)filled;
}

/* gpg itself is never told to hide key ids: who cannot be seen in the ciphertext cannot be checked. */
static void take_block(struct job *job, const uint8_t *bytes, size_t size)
{
    if (job->request->hide_key_ids) {
        memcpy(job->block, bytes, size);
        job->refused = !openpgp_feed_hiding(job->scan, job->block, size);
        bytes = job->block;
    } else {
        job->refused = !openpgp_feed(job->scan, bytes, size);
    }
    if (!job->refused)
        armour_feed(job->armour, bytes, size);
}

static ssize_t take_ciphertext(void *context, const void *bytes, size_t size)
{
    struct job *job = context;
    job->refused = false;
    for (size_t at = 0; at < size && !job->refused; at += BLOCK)
        take_block(job, (const uint8_t *)bytes + at, size - at < BLOCK ? size - at : BLOCK);
    if (!job->refused && job->output->result == RESULT_OK)
        return (ssize_t)size;
    errno = EIO;
    return -1;
}

static bool contains(const uint64_t *ids, size_t n, uint64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* The ciphertext's ids are the wanted ones, each once. The wanted are all different, so the same number and
 * every wanted one found means the same set. */
static bool recipients_match(const struct job_request *request, const uint64_t *ids, size_t n)
{
    if (n != request->n_key_ids)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!contains(ids, n, request->key_ids[i]))
            return false;
    return true;
}

static enum result check_request(struct job *job, const struct job_request *request, struct problem *problem)
{
    struct stat inner;
    char end[2];
    if (!body_boundary_is_good(request->boundary))
        return problem_set(problem, RESULT_BAD_INPUT, "khatm-sealer: the boundary is not one of RFC 2046");
    if (!request->n_fingerprints || request->n_fingerprints != request->n_key_ids)
        return problem_set(problem, RESULT_BAD_INPUT,
                           "khatm-sealer: a message needs as many key ids as keys");
    for (size_t i = 1; i < request->n_key_ids; i++)
        if (contains(request->key_ids, i, request->key_ids[i]))
            return problem_set(problem, RESULT_BAD_INPUT, "khatm-sealer: one key is wanted twice");
    if (fstat(request->inner_fd, &inner) != 0 || inner.st_size < 0 || inner.st_size > SEAL_INNER_HEADER_MAX)
        return problem_set(problem, RESULT_BAD_INPUT, "khatm-sealer: the inner header section is too long");
    job->inner_size = (uint64_t)inner.st_size;
    if (job->inner_size &&
        (job->inner_size < 2 ||
         fd_read_at(request->inner_fd, end, sizeof end, job->inner_size - 2) != RESULT_OK ||
         memcmp(end, "\r\n", 2) != 0))
        return problem_set(problem, RESULT_BAD_INPUT,
                           "khatm-sealer: the inner header section does not end in CRLF");
    return RESULT_OK;
}

static enum result check_ciphertext(const struct job *job, struct problem *problem)
{
    size_t n = 0;
    const uint64_t *ids = openpgp_key_ids(job->scan, &n);
    if (openpgp_end(job->scan, problem) != RESULT_OK)
        return RESULT_TRY_LATER;
    if (!recipients_match(job->request, ids, n))
        return problem_set(problem, RESULT_TRY_LATER, "gpg: encrypted to other keys than those wanted");
    uint64_t least =
        payload_size(job) + SEAL_OVERHEAD_MIN + (job->request->signer[0] ? SEAL_SIGNATURE_MIN : 0);
    if (job->fed != payload_size(job) || openpgp_data_size(job->scan) < least)
        return problem_set(problem, RESULT_TRY_LATER, "gpg: the ciphertext is shorter than the message");
    return RESULT_OK;
}

/* What made gpg stop, when it was us: GPGME would only say "input/output error". */
static bool own_trouble(const struct job *job, struct problem *problem)
{
    if (job->input_broken)
        problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the spooled message cannot be read to its end");
    else if (job->output->result != RESULT_OK)
        problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the sealed message cannot be written: %s",
                    strerror(job->output->error));
    else if (job->refused)
        (void)!openpgp_end(job->scan, problem);
    else
        return false;
    return true;
}

static enum result finish(struct job *job, struct job_outcome *outcome_out, struct problem *problem)
{
    enum result result = check_ciphertext(job, problem);
    if (result != RESULT_OK)
        return result;
    armour_end(job->armour);
    output_digest(job->output, NULL);
    body_end(job->output, job->request->boundary);
    if (output_flush(job->output) != RESULT_OK) {
        (void)own_trouble(job, problem);
        return RESULT_TRY_LATER;
    }
    outcome_out->body_size = job->output->total;
    outcome_out->ciphertext_size = openpgp_size(job->scan);
    outcome_out->key_ids = openpgp_key_ids(job->scan, &outcome_out->n_key_ids);
    if (digest_finish(job->digest, outcome_out->sha256) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the digest failed");
    return RESULT_OK;
}

static enum result begin(struct job *job, struct problem *problem)
{
    uint8_t unused[DIGEST_BYTES];
    job->fed = 0;
    job->input_broken = job->refused = false;
    /* Forgets what a failed message may have left in it. */
    if (digest_finish(job->digest, unused) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "khatm-sealer: the digest failed");
    output_begin(job->output, job->request->output_fd);
    openpgp_begin(job->scan);
    body_begin(job->output, job->request->boundary);
    output_digest(job->output, job->digest);
    armour_begin(job->armour, job->output);
    return RESULT_OK;
}

/* By a gpg that stays. RESULT_NOT_FOUND: it does not do, and the output file is as empty as before. */
static enum result seal_by_resident(struct job *job, const struct job_engines *engines,
                                    const struct gpg_encryption *encryption, struct problem *problem)
{
    if (!engines->resident || encryption->signer)
        return RESULT_NOT_FOUND;
    enum result result = begin(job, problem);
    if (result != RESULT_OK)
        return result;
    result = resident_encrypt(engines->resident, encryption);
    if (own_trouble(job, problem))
        return RESULT_TRY_LATER;
    if (result == RESULT_OK)
        return RESULT_OK;
    int fd = job->request->output_fd;
    if (ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return RESULT_NOT_FOUND;
    return problem_set(problem, RESULT_TRY_LATER,
                       "khatm-sealer: the sealed message cannot be written again: %s", strerror(errno));
}

enum result job_seal(struct job *job, const struct job_engines *engines, const struct job_request *request,
                     struct job_outcome *outcome_out, struct problem *problem)
{
    job->request = request;
    enum result result = check_request(job, request, problem);
    if (result != RESULT_OK)
        return result;
    struct gpg_encryption encryption = {
        .fingerprints = request->fingerprints,
        .n_fingerprints = request->n_fingerprints,
        .signer = request->signer[0] ? request->signer : NULL,
        .read = read_payload,
        .write = take_ciphertext,
        .context = job,
    };
    result = seal_by_resident(job, engines, &encryption, problem);
    if (result == RESULT_NOT_FOUND) {
        result = begin(job, problem);
        if (result == RESULT_OK)
            result = gpg_encrypt(engines->gpg, &encryption, problem);
        if (own_trouble(job, problem))
            return RESULT_TRY_LATER;
    }
    return result == RESULT_OK ? finish(job, outcome_out, problem) : result;
}
