/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* The process's one log is state by nature; it is set once, before threads start. */
static struct {
    const char *program;
    int to_syslog, to_journald;
    enum log_level most;
} sink = {"khatm", 0, 0, LOG_LEVEL_INFO};

static const int priority_of[] = {LOG_ERR, LOG_WARNING, LOG_INFO};

void log_open(const char *program_name, int to_syslog, enum log_level most)
{
    sink.program = program_name;
    sink.to_syslog = to_syslog;
    sink.to_journald = getenv("JOURNAL_STREAM") != NULL;
    sink.most = most;
    if (to_syslog)
        openlog(program_name, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static void escape(const char *raw, char *safe, size_t room)
{
    size_t used = 0;
    for (; *raw && used + 5 < room; raw++) {
        unsigned char c = (unsigned char)*raw;
        if (c >= 0x20 && c != 0x7f)
            safe[used++] = (char)c;
        else
            used += (size_t)snprintf(safe + used, room - used, "\\x%02x", c);
    }
    safe[used] = '\0';
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level > sink.most)
        return;
    char raw[2048], safe[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    escape(raw, safe, sizeof safe);
    if (sink.to_syslog) {
        syslog(priority_of[level], "%s", safe);
        return;
    }
    char line[4200];
    int length = sink.to_journald
                     ? snprintf(line, sizeof line, "<%d>%s\n", priority_of[level], safe)
                     : snprintf(line, sizeof line, "%s[%d]: %s\n", sink.program, (int)getpid(), safe);
    /* One write a line: lines of threads and processes must not mix. A log that fails has nowhere to say so.
     */
    if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
        return;
}
