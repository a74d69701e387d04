/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_LOG_H
#define KHATM_BASE_LOG_H

/* One line an event, to stderr (journald adds the rest; "<N>" priority prefixes when it listens, see
 * sd-daemon(3)) or to syslog's mail facility. Stages return, they do not log: only main, the pipeline and
 * what supervises processes call this. Control characters, CR and LF from mail are shown as \xNN, so that
 * nobody can write a line of his own. Thread-safe. */

#include "base/result.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO };

/* Before the first line. program_name is borrowed for the life of the process. */
void log_open(const char *program_name, int to_syslog, enum log_level most);
void log_line(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)

#endif
