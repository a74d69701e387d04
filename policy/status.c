/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/status.h"

#include <stdarg.h>
#include <stdio.h>

enum policy_status policy_refuse(struct refusal *refusal, const char *format, ...)
{
    if (!refusal)
        return POLICY_REFUSED;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(refusal->text, sizeof refusal->text, format, args);
    va_end(args);
    return POLICY_REFUSED;
}
