/* SPDX-License-Identifier: Apache-2.0 */
#include "fetcher/https.h"

#include "base/clock.h"
#include "base/fd.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CA_FILE_MAX = 8 * 1024 * 1024,
    HEADERS_MAX = 64 * 1024,
    ADDRESSES_ROOM = 1024,
    URL_ROOM = 1024,
    POLL_MS = 1000,
    PORT = 443,
};

struct https {
    CURLM *multi; /* its wake-up socket is made now: later there are none of that family */
    struct buffer authorities;
};

static enum result read_authorities(const char *path, struct buffer *bytes, struct problem *problem)
{
    char block[16384];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, block, sizeof block);
    for (; got > 0 && !bytes->failed; got = read(fd, block, sizeof block))
        buffer_append(bytes, block, (size_t)got);
    int error = got < 0 ? errno : bytes->failed ? EFBIG : 0;
    fd_close(&fd);
    if (error)
        return problem_set(problem, RESULT_BAD_INPUT, "%s: cannot be read: %s: see ca-file in khatm.conf(5)",
                           path, strerror(error));
    BIO *memory = BIO_new_mem_buf(bytes->bytes, (int)bytes->size);
    X509 *first = memory ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
    bool good = first;
    X509_free(first);
    BIO_free(memory);
    return good ? RESULT_OK
                : problem_set(problem, RESULT_BAD_INPUT,
                              "%s: holds no certificate: see ca-file in khatm.conf(5)", path);
}

enum result https_new(const char *ca_file, struct https **https_out, struct problem *problem)
{
    unsigned char warm[1];
    struct https *https = calloc(1, sizeof *https);
    if (!https)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    buffer_init(&https->authorities, CA_FILE_MAX);
    enum result result = read_authorities(ca_file, &https->authorities, problem);
    if (result == RESULT_OK && (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK || RAND_bytes(warm, 1) != 1 ||
                                !(https->multi = curl_multi_init())))
        result = problem_set(problem, RESULT_TRY_LATER, "libcurl does not start");
    if (result != RESULT_OK) {
        https_free(https);
        return result;
    }
    *https_out = https;
    return RESULT_OK;
}

void https_free(struct https *https)
{
    if (!https)
        return;
    if (https->multi)
        (void)curl_multi_cleanup(https->multi);
    buffer_free(&https->authorities);
    free(https);
    curl_global_cleanup();
}

struct request {
    CURL *easy;
    struct curl_slist *addresses;
    struct buffer *body;
    size_t headers; /* bytes of them so far */
    bool too_large;
};

static size_t on_body(char *bytes, size_t one, size_t size, void *context)
{
    struct request *request = context;
    (void)one;
    buffer_append(request->body, bytes, size);
    request->too_large = request->too_large || request->body->failed;
    return request->too_large ? 0 : size;
}

static size_t on_header(char *bytes, size_t one, size_t size, void *context)
{
    struct request *request = context;
    (void)bytes, (void)one;
    request->headers += size;
    request->too_large = request->too_large || request->headers > HEADERS_MAX;
    return request->too_large ? 0 : size;
}

/* "HOST:443:ADDRESS,[ADDRESS]": libcurl looks nothing up itself, for which it would start a thread. */
static struct curl_slist *pin_addresses(const struct hosts_found *server)
{
    char line[ADDRESSES_ROOM], address[IP_ROOM];
    int length = snprintf(line, sizeof line, "%s:%d:", server->host, PORT);
    for (size_t i = 0; i < server->n_addresses; i++) {
        ip_format(&server->addresses[i], address);
        length += snprintf(line + length, sizeof line - (size_t)length,
                           server->addresses[i].six ? "%s[%s]" : "%s%s", i ? "," : "", address);
    }
    return curl_slist_append(NULL, line);
}

static bool set_up(const struct https *https, struct request *request, const struct hosts_found *server,
                   const char *path, int64_t left_ms)
{
    CURL *easy = request->easy;
    char url[URL_ROOM];
    struct curl_blob authorities = {.data = https->authorities.bytes, .len = https->authorities.size};
    int length = snprintf(url, sizeof url, "https://%s%s", server->host, path);
    request->addresses = pin_addresses(server);
    return length < (int)sizeof url && request->addresses &&
           curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_RESOLVE, request->addresses) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &authorities) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXFILESIZE, (long)FETCH_KEY_MAX) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, request) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, request) == CURLE_OK;
}

/* libcurl's own curl_easy_perform makes a wake-up socket of its own. */
static CURLcode perform(struct https *https, struct request *request, int64_t deadline_ms)
{
    CURLcode code = CURLE_OPERATION_TIMEDOUT;
    int running = 1;
    if (curl_multi_add_handle(https->multi, request->easy) != CURLM_OK)
        return CURLE_FAILED_INIT;
    while (running && clock_left_ms(deadline_ms) > 0)
        if (curl_multi_perform(https->multi, &running) != CURLM_OK ||
            (running && curl_multi_poll(https->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK))
            break;
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(https->multi, &left);
    if (message && message->msg == CURLMSG_DONE)
        code = message->data.result;
    (void)curl_multi_remove_handle(https->multi, request->easy);
    return code;
}

static enum fetch_outcome judge_status(long status, struct problem *problem)
{
    if (status == 200)
        return FETCH_FOUND;
    if (status == 404 || status == 410)
        problem_set(problem, RESULT_NOT_FOUND, "it has no key for that address (HTTP %ld)", status);
    else if (status >= 300 && status < 400)
        problem_set(problem, RESULT_BAD_INPUT, "it sends us elsewhere (HTTP %ld), which is not followed",
                    status);
    else
        problem_set(problem, RESULT_TRY_LATER, "it answers HTTP %ld", status);
    return status == 404 || status == 410  ? FETCH_NOT_PUBLISHED
           : status >= 300 && status < 400 ? FETCH_REFUSED
                                           : FETCH_FAILED;
}

static enum fetch_outcome judge(const struct request *request, CURLcode code, struct problem *problem)
{
    long status = 0;
    if (request->too_large || code == CURLE_FILESIZE_EXCEEDED) {
        problem_set(problem, RESULT_BAD_INPUT, "its answer is larger than a key (%d bytes)", FETCH_KEY_MAX);
        return FETCH_REFUSED;
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
        problem_set(problem, RESULT_BAD_INPUT, "its certificate is not good for that name");
        return FETCH_REFUSED;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        problem_set(problem, RESULT_TRY_LATER, "it did not answer in time");
        return FETCH_FAILED;
    }
    if (code != CURLE_OK || curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK) {
        problem_set(problem, RESULT_TRY_LATER, "it cannot be asked: %s", curl_easy_strerror(code));
        return FETCH_FAILED;
    }
    return judge_status(status, problem);
}

enum fetch_outcome https_get(struct https *https, const struct hosts_found *server, const char *path,
                             int64_t deadline_ms, struct buffer *body, struct problem *problem)
{
    struct request request = {.easy = curl_easy_init(), .body = body};
    enum fetch_outcome outcome = FETCH_FAILED;
    int64_t left_ms = clock_left_ms(deadline_ms);
    if (left_ms <= 0)
        problem_set(problem, RESULT_TRY_LATER, "no time is left for it");
    else if (!request.easy || !set_up(https, &request, server, path, left_ms))
        problem_set(problem, RESULT_TRY_LATER, "libcurl does not take the request");
    else
        outcome = judge(&request, perform(https, &request, deadline_ms), problem);
    curl_easy_cleanup(request.easy);
    curl_slist_free_all(request.addresses);
    return outcome;
}
