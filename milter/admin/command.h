/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_COMMAND_H
#define KHATM_ADMIN_COMMAND_H

/* The `khatm` command: one table of subcommands in main.c, one file a subcommand. main.c prints help and
 * finds the row; a subcommand reads its own options with getopt_long(3), whose messages begin with argv[0],
 * "khatm NAME". Exit codes are those of sysexits.h (64 usage, 65 unreadable input, 74 input or output, 75 try
 * later, 78 configuration) and what each manual page adds. Results go to stdout, complaints to stderr, one
 * line each. */

#include "base/result.h"

#include <sysexits.h>

#define COMMAND_DEFAULT_CONFIG KHATM_SYSCONF "/khatm.conf"

struct command {
    const char *name;
    const char *summary;               /* one line for `khatm --help` */
    const char *usage;                 /* the whole text of `khatm NAME --help` */
    int (*run)(int argc, char **argv); /* argv[0] is "khatm NAME"; returns the exit code */
};

/* Each in the file of its name, with its text of --help. */
int cmd_check(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_domains(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_tickets(int argc, char **argv);
extern const char usage_check[];
extern const char usage_explain[];
extern const char usage_trace[];
extern const char usage_report[];
extern const char usage_domains[];
extern const char usage_reload[];
extern const char usage_audit[];
extern const char usage_doctor[];
extern const char usage_keys[];
extern const char usage_tickets[];

/* Prints "ARGV0: MESSAGE" and where help is found to stderr; returns EX_USAGE. NULL format: getopt has
 * spoken. */
int command_usage_error(const char *argv0, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
