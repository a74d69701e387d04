/* SPDX-License-Identifier: Apache-2.0 */
#include "base/result.h"

#include <stdio.h>

const char *result_name(enum result result)
{
    switch (result) {
    case RESULT_OK:
        return "ok";
    case RESULT_NOT_FOUND:
        return "not found";
    case RESULT_TRY_LATER:
        return "try later";
    case RESULT_BAD_INPUT:
        return "bad input";
    case RESULT_UNCERTAIN:
        return "uncertain";
    case RESULT_BUG:
        return "internal bug";
    }
    return "unknown result";
}

enum result problem_set(struct problem *problem, enum result result, const char *format, ...)
{
    if (!problem)
        return result;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(problem->text, sizeof problem->text, format, args);
    va_end(args);
    for (char *p = problem->text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = '?';
    return result;
}
