/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/command.h"
#include "admin/scratch.h"
#include "base/clock.h"
#include "base/fd.h"
#include "config/status.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>

const char usage_reload[] = "usage: khatm reload [--config FILE] [--wait SECONDS]\n"
                            "\n"
                            "Has the running khatmd read its configuration anew, and says whether it is in\n"
                            "force now. The files are checked first: while they are wrong khatmd is left\n"
                            "alone.\n"
                            "\n"
                            "  --config FILE    the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
                            "  --wait SECONDS   for khatmd's answer, 1 to 600 (60)\n"
                            "\n"
                            "Exit: 0 in force, 64 usage, 69 no khatmd runs with this configuration, 75 try\n"
                            "later, 77 not permitted, 78 the configuration is wrong, and what was in force\n"
                            "stays\n";

enum { WAIT_S = 60, WAIT_MOST_S = 600, LOOK_MS = 50, LAST_LOOK_MS = 3000 };

struct call {
    const char *argv0;
    const struct config *config;
    struct status status;
    int64_t until_ms;
    int process; /* a pidfd */
};

static int complain(const struct call *call, int code, const char *text)
{
    (void)fprintf(stderr, "%s: %s\n", call->argv0, text);
    return code;
}

static int find_daemon(struct call *call)
{
    struct problem problem = {""};
    uid_t owner = 0;
    switch (status_read(call->config->state, &call->status, &owner, &problem)) {
    case RESULT_OK:
        break;
    case RESULT_UNCERTAIN:
        return complain(call, EX_NOPERM, problem.text);
    case RESULT_NOT_FOUND:
    case RESULT_TRY_LATER:
    case RESULT_BAD_INPUT:
    case RESULT_BUG:
        (void)fprintf(stderr, "%s: no khatmd runs with state = %s: start it (%s)\n", call->argv0,
                      call->config->state, problem.text);
        return EX_UNAVAILABLE;
    }
    if (status_open_process(&call->status, owner, &call->process) == RESULT_OK)
        return EX_OK;
    (void)fprintf(stderr, "%s: khatmd, process %ld, runs no more: start it\n", call->argv0,
                  (long)call->status.pid);
    return EX_UNAVAILABLE;
}

static int send_signal(const struct call *call)
{
    if (pidfd_send_signal(call->process, SIGUSR1, NULL, 0) == 0)
        return EX_OK;
    (void)fprintf(stderr, "%s: khatmd, process %ld, cannot be told: %s\n", call->argv0,
                  (long)call->status.pid, strerror(errno));
    return errno == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

/* Whether it ended meanwhile; waits a moment to see. */
static bool has_ended(const struct call *call)
{
    struct pollfd poller = {.fd = call->process, .events = POLLIN};
    return poll(&poller, 1, LOOK_MS) > 0;
}

static bool is_ours(const struct call *call, const struct status *status)
{
    return status->outcome == STATUS_IN_FORCE && strcmp(status->digest, call->config->digest) == 0;
}

/* An attempt that was under way when the signal came may be another's: the next one is waited for a little.
 */
static int wait_for_answer(const struct call *call, struct status *answer)
{
    struct problem problem = {""};
    uid_t owner;
    int64_t settled_ms = 0;
    while (clock_left_ms(call->until_ms) > 0) {
        if (has_ended(call))
            return complain(call, EX_UNAVAILABLE, "khatmd ended: see its log");
        if (status_read(call->config->state, answer, &owner, &problem) != RESULT_OK ||
            answer->pid != call->status.pid || answer->attempts <= call->status.attempts)
            continue;
        if (is_ours(call, answer) || answer->attempts > call->status.attempts + 1)
            return EX_OK;
        if (!settled_ms)
            settled_ms = clock_monotonic_ms() + LAST_LOOK_MS;
        if (clock_monotonic_ms() >= settled_ms)
            return EX_OK;
    }
    return complain(call, EX_TEMPFAIL, "khatmd did not answer in time: see its log");
}

static int tell(const struct call *call, const struct status *answer)
{
    switch (answer->outcome) {
    case STATUS_IN_FORCE:
        break;
    case STATUS_REFUSED:
        (void)fprintf(stderr, "%s: khatmd refused it, what was in force stays: %s\n", call->argv0,
                      answer->why);
        return EX_CONFIG;
    case STATUS_LATER:
        (void)fprintf(stderr, "%s: khatmd could not, what was in force stays: %s\n", call->argv0,
                      answer->why);
        return EX_TEMPFAIL;
    }
    if (!is_ours(call, answer))
        return complain(
            call, EX_TEMPFAIL,
            "the files changed while they were read: khatmd has others in force: call this again");
    bool changed = strcmp(answer->digest, call->status.digest) != 0;
    (void)printf("%s: policy %s\n", changed ? "in force now" : "in force as before", answer->digest);
    return EX_OK;
}

static int reload(struct call *call, int wait_s)
{
    struct status answer = call->status;
    int code = find_daemon(call);
    if (code == EX_OK)
        code = send_signal(call);
    call->until_ms = clock_monotonic_ms() + (int64_t)wait_s * 1000;
    if (code == EX_OK)
        code = wait_for_answer(call, &answer);
    return code == EX_OK ? tell(call, &answer) : code;
}

/* As khatmd will: but a registry that it would refuse is refused here, where there is one in force. */
static int check_and_reload(const char *argv0, const char *path, int wait_s)
{
    struct scratch scratch = {.path = ""};
    struct problem problem = {""};
    struct call call = {.argv0 = argv0, .process = -1};
    enum result result = scratch_load(&scratch, path, &call.config, &problem);
    if (result != RESULT_OK)
        return complain(&call, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    int code = call.config->registry_file.trust == REGISTRY_KEPT
                   ? complain(&call, EX_CONFIG, call.config->registry_file.refused)
                   : reload(&call, wait_s);
    fd_close(&call.process);
    config_unref(call.config);
    scratch_remove(&scratch);
    return code;
}

int cmd_reload(int argc, char **argv)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'}, {"wait", required_argument, NULL, 'w'}, {NULL, 0, NULL, 0}};
    const char *config = COMMAND_DEFAULT_CONFIG;
    long wait_s = WAIT_S;
    char *end = NULL;
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == 'c')
            config = optarg;
        else if (option == 'w')
            wait_s = strtol(optarg, &end, 10);
        else
            return command_usage_error(argv[0], NULL);
    }
    if ((end && *end) || wait_s < 1 || wait_s > WAIT_MOST_S)
        return command_usage_error(argv[0], "--wait takes seconds, 1 to %d", WAIT_MOST_S);
    if (optind < argc)
        return command_usage_error(argv[0], "'%s' is one word too many", argv[optind]);
    return check_and_reload(argv[0], config, (int)wait_s);
}
