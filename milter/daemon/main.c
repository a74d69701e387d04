/* SPDX-License-Identifier: Apache-2.0 */

/* khatmd: reads its arguments, starts the stages, serves the MTA until told to stop. A thread of its own
 * waits for SIGUSR1 (reload; libmilter owns SIGHUP and would stop on it) and wakes once a second for
 * housekeeping and to see whether its files changed. */

#include "base/log.h"
#include "base/version.h"
#include "config/config.h"
#include "daemon/daemon.h"
#include "daemon/reload.h"
#include "mta/mta.h"

#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

/* sysexits(3): 64 usage, 69 something it needs is not there, 70 a defect of ours, 78 configuration. */
enum { EXIT_USAGE = 64, EXIT_UNAVAILABLE = 69, EXIT_SOFTWARE = 70, EXIT_CONFIG = 78 };

static const char usage[] =
    "usage: khatmd [--config FILE] [--pidfile FILE] [--syslog]\n"
    "       khatmd --help | --version\n"
    "\n"
    "The Khatm milter. Runs in the foreground. Reads its configuration anew when a\n"
    "file of it changes and on SIGUSR1; SIGTERM stops.\n"
    "\n"
    "  -c, --config FILE   configuration (" KHATM_SYSCONF "/khatm.conf)\n"
    "  -p, --pidfile FILE  write the process id here once ready, remove it at the end\n"
    "  -s, --syslog        log to syslog's mail facility instead of stderr\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n"
    "\n"
    "Exit codes: 0 stopped when told to, 64 usage, 69 something needed is missing,\n"
    "70 internal error, 78 configuration. khatm check reads the same configuration\n"
    "without starting.\n";

enum { DESCRIPTORS = 65536 };

struct options {
    const char *config, *pidfile;
    int to_syslog;
};

struct housekeeper {
    struct daemon *daemon;
    struct reload *reload;
    atomic_bool stop;
    pthread_t thread;
};

static int exit_code(enum result result)
{
    switch (result) {
    case RESULT_OK:
        return EXIT_SUCCESS;
    case RESULT_BAD_INPUT:
        return EXIT_CONFIG;
    case RESULT_NOT_FOUND:
    case RESULT_TRY_LATER:
    case RESULT_UNCERTAIN:
        return EXIT_UNAVAILABLE;
    case RESULT_BUG:
        break;
    }
    return EXIT_SOFTWARE;
}

static void *keep_house(void *context)
{
    struct housekeeper *housekeeper = context;
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    while (!atomic_load(&housekeeper->stop)) {
        int wait_ms = reload_look(housekeeper->reload, housekeeper->daemon);
        const struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000L};
        if (sigtimedwait(&wanted, NULL, &wait) == SIGUSR1)
            reload_now(housekeeper->reload, housekeeper->daemon);
        else
            daemon_housekeeping(housekeeper->daemon);
    }
    return NULL;
}

/* Before any thread: all inherit the mask, so that keep_house alone takes SIGUSR1, and libmilter's signal
 * thread alone the stops: the default action in any other thread would end us without a word. A dead MTA must
 * not kill us. */
static void set_signals(void)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Documents pass through this memory: no core dumps, no ptrace by others of the same user. */
static void shed(void)
{
    const struct rlimit nothing = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &nothing);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

/* A message under way holds two, and an MTA may have a thousand of them; what is inherited is often 1024. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum result write_pidfile(const char *path, struct problem *problem)
{
    FILE *file = path ? fopen(path, "we") : NULL;
    if (!path)
        return RESULT_OK;
    bool good = file && fprintf(file, "%ld\n", (long)getpid()) > 0;
    if ((file && fclose(file) != 0) || !good)
        return problem_set(problem, RESULT_TRY_LATER,
                           "%s: cannot write the process id: %s: name another place with --pidfile", path,
                           strerror(errno));
    return RESULT_OK;
}

static enum result serve(struct daemon *daemon, struct reload *reload, const struct options *options,
                         struct problem *problem)
{
    struct housekeeper housekeeper = {.daemon = daemon, .reload = reload};
    const struct config *config = daemon_config(daemon);
    enum result result = mta_open(config->socket, config->socket_mode, problem);
    if (result == RESULT_OK)
        result = write_pidfile(options->pidfile, problem);
    if (result == RESULT_OK)
        reload_begin(reload, daemon);
    if (result == RESULT_OK && pthread_create(&housekeeper.thread, NULL, keep_house, &housekeeper) != 0)
        result = problem_set(problem, RESULT_TRY_LATER, "no thread for housekeeping");
    if (result == RESULT_OK) {
        log_info("ready: version %s node %s socket %s mode %s", KHATM_VERSION, config->node, config->socket,
                 config->mode == MODE_OBSERVE ? "observe" : "enforce");
        if (geteuid() == 0)
            log_warning(
                "runs as root: what it makes is root's, and in the way of a khatmd that does not: start it "
                "as the user khatm");
        (void)sd_notify(0, "READY=1");
        result = mta_serve(daemon, problem);
        (void)sd_notify(0, "STOPPING=1");
        atomic_store(&housekeeper.stop, true);
        (void)pthread_join(housekeeper.thread, NULL);
        log_info("stopped");
        if (options->pidfile)
            (void)unlink(options->pidfile);
    }
    config_unref(config);
    return result;
}

#ifdef __SANITIZE_THREAD__
/* All in libmilter 8.17, when it stops: it destroys mutexes and conditions that its signal and pool threads
 * may still use, unlocks one it never initialised, and does not join its signal thread. Nothing of ours runs
 * then, and the process ends. Most of its functions have no names to tell by, hence the first line. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:pthread_mutex_destroy\n"
           "race:pthread_cond_destroy\n"
           "mutex:mi_stop_milters\n"
           "thread:mi_control_startup\n";
}
#endif

/* Negative: go on; else the exit code. */
static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option table[] = {
        {"config", required_argument, NULL, 'c'}, {"pidfile", required_argument, NULL, 'p'},
        {"syslog", no_argument, NULL, 's'},       {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0},
    };
    for (int letter; (letter = getopt_long(argc, argv, "c:p:shV", table, NULL)) != -1;) {
        if (letter == 'c')
            options->config = optarg;
        else if (letter == 'p')
            options->pidfile = optarg;
        else if (letter == 's')
            options->to_syslog = 1;
        else if (letter == 'h')
            return printf("%s", usage) < 0;
        else if (letter == 'V')
            return printf("khatmd %s\n", KHATM_VERSION) < 0;
        else
            return fputs("Try 'khatmd --help'.\n", stderr), EXIT_USAGE;
    }
    if (optind == argc)
        return -1;
    fprintf(stderr, "khatmd: %s: khatmd takes no arguments besides its options: see khatmd --help\n",
            argv[optind]);
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct options options = {.config = KHATM_SYSCONF "/khatm.conf"};
    struct problem problem = {""};
    struct daemon *daemon = NULL;
    struct reload *reload = NULL;
    int early = read_options(argc, argv, &options);
    if (early >= 0)
        return early;
    /* libmilter has a thread a connection; an arena for each would stay with us long after a busy hour. */
    (void)mallopt(M_ARENA_MAX, 2);
    log_open("khatmd", options.to_syslog, LOG_LEVEL_INFO);
    set_signals();
    shed();
    raise_descriptors();
    enum result result = reload_new(options.config, &reload, &problem);
    if (result == RESULT_OK)
        result = daemon_new(options.config, &daemon, &problem);
    if (result == RESULT_OK)
        result = serve(daemon, reload, &options, &problem);
    if (result != RESULT_OK)
        log_error("%s", problem.text);
    reload_free(reload);
    daemon_free(daemon);
    return exit_code(result);
}
