/* SPDX-License-Identifier: Apache-2.0 */
/* khatm-authenticator ANCHORS|- [SERVER...]: the program that asks DNS, and in which libspf2 and libopendkim
 * read strangers' bytes. One message at a time, started by khatmd with the control socket as descriptor 3.
 * Holds no key and no file; after it has said that it is ready it can open none. */
#include "authenticator/serve.h"
#include "base/log.h"
#include "helper/pages.h"
#include "helper/process.h"
#include "helper/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

enum { MEMORY_MAX = 512 * 1024 * 1024, DESCRIPTORS_MAX = 160 };

static enum result enter_sandbox(struct problem *problem)
{
    const struct sandbox_limits limits = {
        .memory_bytes = MEMORY_MAX, .lasting = true, .descriptors = DESCRIPTORS_MAX};
    return sandbox_shut_in(sandbox_new_with_network, &limits, problem);
}

static enum result prepare(const struct resolver_settings *settings, struct serve_tools *tools,
                           struct problem *problem)
{
    enum result result = helper_harden(problem);
    if (result == RESULT_OK &&
        (signal(SIGPIPE, SIG_IGN) == SIG_ERR || fcntl(HELPER_CONTROL_FD, F_SETFD, FD_CLOEXEC) != 0))
        result = problem_set(problem, RESULT_BUG, "khatm-authenticator: run it from khatmd only");
    if (result == RESULT_OK)
        result = dkim_checker_new(&tools->dkim, problem);
    if (result == RESULT_OK && !(tools->spf = spf_new()))
        result = problem_set(problem, RESULT_TRY_LATER, "SPF: no memory");
    if (result == RESULT_OK)
        result = resolver_new(settings, &tools->resolver, problem);
    if (result == RESULT_OK)
        result = resolver_warm(tools->resolver, problem);
    if (result == RESULT_OK)
        pages_hand_back();
    return result == RESULT_OK ? enter_sandbox(problem) : result;
}

int main(int argc, char *argv[])
{
    struct problem problem = {""};
    struct serve_tools tools = {NULL, NULL, NULL};
    log_open("khatm-authenticator", 0, LOG_LEVEL_WARNING);
    if (argc < 2) {
        log_error("usage: khatm-authenticator ANCHORS|- [SERVER...], from khatmd only");
        return 64;
    }
    const struct resolver_settings settings = {.servers = (const char *const *)(argv + 2),
                                               .n_servers = (size_t)argc - 2,
                                               .trust_anchors = strcmp(argv[1], "-") == 0 ? NULL : argv[1]};
    enum result result = prepare(&settings, &tools, &problem);
    if (result == RESULT_OK)
        result = serve(HELPER_CONTROL_FD, &tools, &problem);
    if (result != RESULT_OK)
        log_error("%s", problem.text);
    dkim_checker_free(tools.dkim);
    spf_free(tools.spf);
    resolver_free(tools.resolver);
    return result == RESULT_OK ? 0 : 1;
}
