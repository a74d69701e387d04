/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/date.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 9999 };

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t days_before_year(int year)
{
    int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

/* Exactly `digits` digits; -1 otherwise. */
static int number(const char *text, int digits)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool date_parse(const char *text, int64_t *seconds_out)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    int64_t days = days_before_year(year) - days_before_year(FIRST_YEAR) + day - 1;
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    *seconds_out = days * DAY_SECONDS;
    return true;
}

void date_format(int64_t seconds, char out[DATE_ROOM])
{
    int64_t days = seconds / DAY_SECONDS;
    int64_t most = days_before_year(LAST_YEAR + 1) - days_before_year(FIRST_YEAR);
    memcpy(out, "-", 2);
    if (seconds < 0 || days >= most)
        return;
    int year = FIRST_YEAR, month = 1;
    for (; days >= 365 + is_leap(year); year++)
        days -= 365 + is_leap(year);
    for (; days >= days_in_month(year, month); month++)
        days -= days_in_month(year, month);
    (void)snprintf(out, DATE_ROOM, "%04u-%02u-%02u", (unsigned)year % 10000u, (unsigned)month % 100u,
                   (unsigned)(days + 1) % 100u);
}
