/* SPDX-License-Identifier: Apache-2.0 */
/* khatm-fetcher CA-FILE ANCHORS|- NETWORKS|- [SERVER...]: the program that speaks HTTPS. Started by `khatm
 * keys fetch`, one a domain, with the control socket as descriptor 3; nothing that handles mail starts it.
 * Holds no key and no file; after it has said that it is ready it can open none. */
#include "base/log.h"
#include "fetcher/serve.h"
#include "helper/process.h"
#include "helper/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MEMORY_MAX = 512 * 1024 * 1024, DESCRIPTORS_MAX = 160, NETWORKS_MAX = 32 };

/* OpenSSL compares the days of certificates by mktime(3), which would look for the machine's zone. */
static bool settle_zone(void)
{
    bool set = setenv("TZ", "UTC0", 1) == 0;
    tzset();
    return set;
}

static enum result enter_sandbox(struct problem *problem)
{
    const struct sandbox_limits limits = {
        .memory_bytes = MEMORY_MAX, .lasting = true, .descriptors = DESCRIPTORS_MAX};
    return sandbox_shut_in(sandbox_new_with_network, &limits, problem);
}

/* "10.0.0.0/8,192.0.2.1" */
static enum result read_networks(char *list, struct ip_network networks[NETWORKS_MAX],
                                 struct hosts_allowed *allowed, struct problem *problem)
{
    char *rest = NULL;
    *allowed = (struct hosts_allowed){.networks = networks};
    if (strcmp(list, "-") == 0)
        return RESULT_OK;
    for (char *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        const char *wrong = allowed->n_networks < NETWORKS_MAX
                                ? ip_network_parse(one, &networks[allowed->n_networks])
                                : "is one too many";
        if (wrong)
            return problem_set(problem, RESULT_BAD_INPUT, "khatm-fetcher: '%s' %s", one, wrong);
        allowed->n_networks++;
    }
    return RESULT_OK;
}

static enum result prepare(const char *ca_file, const struct resolver_settings *settings,
                           struct serve_tools *tools, struct problem *problem)
{
    enum result result = helper_harden(problem);
    if (result == RESULT_OK && (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
                                fcntl(HELPER_CONTROL_FD, F_SETFD, FD_CLOEXEC) != 0 || !settle_zone()))
        result = problem_set(problem, RESULT_BUG, "khatm-fetcher: run it from khatm only");
    if (result == RESULT_OK)
        result = https_new(ca_file, &tools->https, problem);
    if (result == RESULT_OK)
        result = resolver_new(settings, &tools->resolver, problem);
    if (result == RESULT_OK)
        result = resolver_warm(tools->resolver, problem);
    return result == RESULT_OK ? enter_sandbox(problem) : result;
}

int main(int argc, char *argv[])
{
    struct problem problem = {""};
    struct serve_tools tools = {.https = NULL};
    struct ip_network networks[NETWORKS_MAX];
    log_open("khatm-fetcher", 0, LOG_LEVEL_WARNING);
    if (argc < 4) {
        log_error("usage: khatm-fetcher CA-FILE ANCHORS|- NETWORKS|- [SERVER...], from khatm only");
        return 64;
    }
    const struct resolver_settings settings = {.servers = (const char *const *)(argv + 4),
                                               .n_servers = (size_t)argc - 4,
                                               .trust_anchors = strcmp(argv[2], "-") == 0 ? NULL : argv[2]};
    enum result result = read_networks(argv[3], networks, &tools.allowed, &problem);
    if (result == RESULT_OK)
        result = prepare(argv[1], &settings, &tools, &problem);
    if (result == RESULT_OK)
        result = serve(HELPER_CONTROL_FD, &tools, &problem);
    if (result != RESULT_OK)
        log_error("%s", problem.text);
    https_free(tools.https);
    resolver_free(tools.resolver);
    return result == RESULT_OK ? 0 : 1;
}
