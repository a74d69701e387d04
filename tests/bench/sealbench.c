/* SPDX-License-Identifier: Apache-2.0 */
/* sealbench SEALER GPG HOMEDIR WORK-DIRECTORY SLOTS KEYS [SIGN-HOMEDIR SIGNING-KEY]
 *
 * The sealing module without a mail server. KEYS is a file of fingerprints, a line each: the working ring.
 * Says "ready" when that is made, then reads orders from its standard input, a line each:
 *
 *     FILE COUNT THREADS FIRST N
 *
 * seals FILE COUNT times from THREADS threads, the output into an unnamed file as the daemon does it, after
 * one round that is not measured; to N keys, which lie evenly in the ring and of which the one with number
 * FIRST (from 0) is one. Each is answered by one JSON object: operations a second, and the time a caller
 * waited, median and 95th percentile. Ends with status 1 when one failed. */

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

enum { KEYS_MAX = 20000, RECIPIENTS_MAX = 900, THREADS_MAX = 256, LINE_ROOM = 4096 };

/* What does not change between orders. */
struct bench {
    struct sealer *sealer;
    const char *work_directory;
    char (*keys)[FINGERPRINT_HEX];
    size_t n_keys;
};

struct order {
    struct bench *bench;
    const char *fingerprints[RECIPIENTS_MAX];
    size_t n_fingerprints;
    int file;
    uint64_t size;
    long count, threads;
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

static enum result seal_once(struct order *order)
{
    static const char inner[] = "Content-Type: text/plain\r\n";
    struct problem problem = {""};
    struct seal_outcome outcome;
    int output = -1;
    enum result result = fd_open_unnamed(order->bench->work_directory, &output, &problem);
    const struct seal_request request = {
        .message_fd = order->file,
        .body_size = order->size,
        .inner_header = inner,
        .inner_header_size = sizeof inner - 1,
        .boundary = "sealbench",
        .fingerprints = order->fingerprints,
        .n_fingerprints = order->n_fingerprints,
        .output_fd = output,
    };
    if (result == RESULT_OK)
        result = sealer_seal(order->bench->sealer, &request, &outcome, &problem);
    if (result != RESULT_OK && !atomic_exchange(&order->failed, 1))
        (void)fprintf(stderr, "sealbench: %s\n", problem.text);
    fd_close(&output);
    return result;
}

static void *work(void *context)
{
    struct order *order = context;
    for (long i = atomic_fetch_add(&order->next, 1); i < order->count;
         i = atomic_fetch_add(&order->next, 1)) {
        double began = now_ms();
        if (seal_once(order) != RESULT_OK)
            return NULL;
        order->took_ms[i] = now_ms() - began;
    }
    return NULL;
}

/* Milliseconds for order->count operations. */
static double run(struct order *order)
{
    pthread_t ids[THREADS_MAX];
    double began = now_ms();
    atomic_store(&order->next, 0);
    for (long i = 0; i < order->threads; i++)
        if (pthread_create(&ids[i], NULL, work, order) != 0)
            exit(1);
    for (long i = 0; i < order->threads; i++)
        (void)pthread_join(ids[i], NULL);
    return now_ms() - began;
}

static int compare(const void *a, const void *b)
{
    double difference = *(const double *)a - *(const double *)b;
    return difference < 0 ? -1 : difference > 0;
}

static bool measure(struct order *order)
{
    long count = order->count;
    order->took_ms =
        calloc((size_t)(count > order->threads ? count : order->threads), sizeof *order->took_ms);
    if (!order->took_ms)
        return false;
    order->count = order->threads;
    (void)run(order);
    order->count = count;
    double ms = run(order);
    qsort(order->took_ms, (size_t)count, sizeof *order->took_ms, compare);
    if (!atomic_load(&order->failed))
        (void)printf("{\"operations_per_second\": %.2f, \"median_ms\": %.3f, \"p95_ms\": %.3f}\n",
                     (double)count * 1e3 / ms, order->took_ms[count / 2],
                     order->took_ms[(size_t)((double)count * 0.95)]);
    (void)fflush(stdout);
    free(order->took_ms);
    return !atomic_load(&order->failed);
}

static bool follow(struct bench *bench, char *line)
{
    static struct order order;
    struct stat status;
    char *words[5] = {NULL}, *rest = NULL;
    size_t n = 0;
    for (char *word = strtok_r(line, " \n", &rest); word && n < 5; word = strtok_r(NULL, " \n", &rest))
        words[n++] = word;
    memset(&order, 0, sizeof order);
    order.bench = bench;
    order.file = n == 5 ? open(words[0], O_RDONLY | O_CLOEXEC) : -1;
    if (order.file < 0 || fstat(order.file, &status) != 0) {
        (void)fprintf(stderr, "sealbench: %s: cannot be read\n", words[0] ? words[0] : "an order");
        return false;
    }
    order.size = (uint64_t)status.st_size;
    order.count = strtol(words[1], NULL, 10);
    order.threads = strtol(words[2], NULL, 10);
    size_t first = strtoul(words[3], NULL, 10);
    order.n_fingerprints = strtoul(words[4], NULL, 10);
    bool good = order.count > 0 && order.threads > 0 && order.threads <= THREADS_MAX &&
                order.n_fingerprints && order.n_fingerprints <= RECIPIENTS_MAX &&
                order.n_fingerprints <= bench->n_keys;
    for (size_t i = 0; good && i < order.n_fingerprints; i++)
        order.fingerprints[i] =
            bench->keys[(first + i * bench->n_keys / order.n_fingerprints) % bench->n_keys];
    good = good && measure(&order);
    fd_close(&order.file);
    return good;
}

static bool read_keys(struct bench *bench, const char *path)
{
    char line[LINE_ROOM];
    FILE *file = fopen(path, "re");
    bench->keys = calloc(KEYS_MAX, sizeof *bench->keys);
    while (file && bench->keys && bench->n_keys < KEYS_MAX && fgets(line, sizeof line, file))
        (void)snprintf(bench->keys[bench->n_keys++], sizeof *bench->keys, "%.40s", line);
    if (file)
        (void)fclose(file);
    return bench->n_keys > 0;
}

static enum result open_sealer(struct bench *bench, int argc, char *argv[], struct problem *problem)
{
    struct signing_settings signing = {0};
    if (argc == 9)
        signing = (struct signing_settings){.homedir = argv[7], .key = argv[8]};
    const struct sealing_settings settings = {
        .program = argv[1],
        .gpg = argv[2],
        .homedir = argv[3],
        .work_directory = argv[4],
        .slots = (unsigned)strtoul(argv[5], NULL, 10),
        .wait_ms = 600000,
        .deadline_ms = 60000,
        .rsa_min_bits = 2048,
        .refresh_ms = 600000,
        .signing = argc == 9 ? &signing : NULL,
        .resident = true,
    };
    const char **names = calloc(bench->n_keys, sizeof *names);
    if (!names)
        return RESULT_TRY_LATER;
    for (size_t i = 0; i < bench->n_keys; i++)
        names[i] = bench->keys[i];
    enum result result = sealer_new(&settings, names, bench->n_keys, &bench->sealer, problem);
    free(names);
    return result;
}

int main(int argc, char *argv[])
{
    struct bench bench = {0};
    struct problem problem = {""};
    char line[LINE_ROOM];
    if (argc != 7 && argc != 9) {
        (void)fprintf(stderr, "usage: sealbench SEALER GPG HOMEDIR WORK-DIRECTORY SLOTS KEYS [SIGN-HOMEDIR "
                              "SIGNING-KEY]\n");
        return 64;
    }
    bench.work_directory = argv[4];
    if (!read_keys(&bench, argv[6]) || open_sealer(&bench, argc, argv, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "sealbench: %s: %s\n", argv[6], problem.text);
        return 1;
    }
    (void)printf("ready\n");
    (void)fflush(stdout);
    bool good = true;
    while (good && fgets(line, sizeof line, stdin))
        good = follow(&bench, line);
    sealer_free(bench.sealer);
    free(bench.keys);
    return good ? 0 : 1;
}
