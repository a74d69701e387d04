/* SPDX-License-Identifier: Apache-2.0 */
/* sealbench SEALER GPG HOMEDIR WORK-DIRECTORY FINGERPRINT[,FINGERPRINT...] FILE COUNT THREADS SLOTS
 *
 * The sealing module without a mail server: seals FILE COUNT times from THREADS threads through SLOTS slots,
 * the output into an unnamed file as the daemon does it, after one round that is not measured. Prints one
 * JSON object: operations a second, and the time a caller waited: median and 95th percentile. Ends with
 * status 1 when one failed. */

#include "base/clock.h"
#include "base/fd.h"
#include "seal/seal.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { KEYS_MAX = 200, THREADS_MAX = 256 };

struct bench {
    struct sealer *sealer;
    const char *work_directory;
    const char *fingerprints[KEYS_MAX];
    size_t n_fingerprints;
    int file;
    uint64_t size;
    long count;
    atomic_long next;
    atomic_int failed;
    double *took_ms;
};

static double now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static enum result seal_once(struct bench *bench)
{
    static const char inner[] = "Content-Type: text/plain\r\n";
    struct problem problem = {""};
    struct seal_outcome outcome;
    int output = -1;
    enum result result = fd_open_unnamed(bench->work_directory, &output, &problem);
    const struct seal_request request = {
        .message_fd = bench->file,
        .body_size = bench->size,
        .inner_header = inner,
        .inner_header_size = sizeof inner - 1,
        .boundary = "sealbench",
        .fingerprints = bench->fingerprints,
        .n_fingerprints = bench->n_fingerprints,
        .output_fd = output,
    };
    if (result == RESULT_OK)
        result = sealer_seal(bench->sealer, &request, &outcome, &problem);
    if (result != RESULT_OK && !atomic_exchange(&bench->failed, 1))
        (void)fprintf(stderr, "sealbench: %s\n", problem.text);
    fd_close(&output);
    return result;
}

static void *work(void *context)
{
    struct bench *bench = context;
    for (long i = atomic_fetch_add(&bench->next, 1); i < bench->count;
         i = atomic_fetch_add(&bench->next, 1)) {
        double began = now_ms();
        if (seal_once(bench) != RESULT_OK)
            return NULL;
        bench->took_ms[i] = now_ms() - began;
    }
    return NULL;
}

/* Milliseconds for bench->count operations. */
static double run(struct bench *bench, long threads)
{
    pthread_t ids[THREADS_MAX];
    double began = now_ms();
    atomic_store(&bench->next, 0);
    for (long i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, work, bench) != 0)
            exit(1);
    for (long i = 0; i < threads; i++)
        (void)pthread_join(ids[i], NULL);
    return now_ms() - began;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

static int open_bench(struct bench *bench, char *argv[])
{
    struct stat status;
    struct problem problem = {""};
    const struct sealing_settings settings = {
        .program = argv[1],
        .gpg = argv[2],
        .homedir = argv[3],
        .work_directory = argv[4],
        .slots = (unsigned)strtoul(argv[9], NULL, 10),
        .wait_ms = 600000,
        .deadline_ms = 60000,
        .rsa_min_bits = 2048,
        .refresh_ms = 600000,
    };
    for (char *key = strtok(argv[5], ","); key && bench->n_fingerprints < KEYS_MAX; key = strtok(NULL, ","))
        bench->fingerprints[bench->n_fingerprints++] = key;
    bench->work_directory = argv[4];
    bench->file = open(argv[6], O_RDONLY | O_CLOEXEC);
    if (bench->file < 0 || fstat(bench->file, &status) != 0) {
        (void)fprintf(stderr, "sealbench: %s: cannot be read\n", argv[6]);
        return 1;
    }
    bench->size = (uint64_t)status.st_size;
    if (sealer_new(&settings, bench->fingerprints, bench->n_fingerprints, &bench->sealer, &problem) ==
        RESULT_OK)
        return 0;
    (void)fprintf(stderr, "sealbench: %s\n", problem.text);
    return 1;
}

int main(int argc, char *argv[])
{
    struct bench bench = {.file = -1};
    if (argc != 10) {
        (void)fprintf(stderr,
                      "usage: sealbench SEALER GPG HOMEDIR WORK-DIRECTORY FINGERPRINT[,...] FILE COUNT "
                      "THREADS SLOTS\n");
        return 64;
    }
    long count = strtol(argv[7], NULL, 10), threads = strtol(argv[8], NULL, 10);
    if (count < 1 || threads < 1 || threads > THREADS_MAX || open_bench(&bench, argv) != 0)
        return 1;
    bench.took_ms = calloc((size_t)(count > threads ? count : threads), sizeof *bench.took_ms);
    if (!bench.took_ms)
        return 1;
    bench.count = threads;
    (void)run(&bench, threads);
    bench.count = count;
    double ms = run(&bench, threads);
    sealer_free(bench.sealer);
    qsort(bench.took_ms, (size_t)count, sizeof *bench.took_ms, compare);
    if (!atomic_load(&bench.failed))
        (void)printf(
            "{\"operations_per_second\": %.2f, \"count\": %ld, \"threads\": %ld, \"median_ms\": %.3f, "
            "\"p95_ms\": %.3f}\n",
            (double)count * 1e3 / ms, count, threads, bench.took_ms[count / 2],
            bench.took_ms[(size_t)((double)count * 0.95)]);
    free(bench.took_ms);
    fd_close(&bench.file);
    return atomic_load(&bench.failed) ? 1 : 0;
}
