/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a foreign zone may send us to. */

#include "fetcher/hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct row {
    const char *address;
    bool asked, asked_where_allowed;
} rows[] = {
    {"93.184.216.34", true, true},
    {"2606:2800:220:1:248:1893:25c8:1946", true, true},
    {"172.15.255.255", true, true},
    {"172.32.0.1", true, true},
    {"198.20.0.1", true, true},
    {"223.255.255.254", true, true},
    {"2001:470::1", true, true},
    {"0.0.0.0", false, false},
    {"0.1.2.3", false, false},
    {"127.0.0.1", false, false},
    {"10.1.2.3", false, true},
    {"172.16.0.1", false, false},
    {"192.168.1.1", false, false},
    {"169.254.169.254", false, false},
    {"100.64.0.1", false, false},
    {"192.0.0.8", false, false},
    {"198.18.0.1", false, false},
    {"224.0.0.1", false, false},
    {"240.0.0.1", false, false},
    {"255.255.255.255", false, false},
    {"::", false, false},
    {"::1", false, false},
    {"::ffff:127.0.0.1", false, false},
    {"::ffff:10.1.2.3", false, true},
    {"::127.0.0.1", false, false},
    {"64:ff9b::7f00:1", false, false},
    {"2002:7f00:1::1", false, false},
    {"2001:0:7f00:1::1", false, false},
    {"fe80::1", false, false},
    {"fd00::1", false, true},
    {"ff02::1", false, false},
};

static void only_the_internet_is_asked(void **state)
{
    struct ip_network networks[2];
    assert_null(ip_network_parse("10.0.0.0/8", &networks[0]));
    assert_null(ip_network_parse("fd00::/16", &networks[1]));
    const struct hosts_allowed none = {NULL, 0}, some = {networks, 2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ip ip;
        if (!ip_parse(rows[i].address, &ip) || hosts_may_ask(&none, &ip) != rows[i].asked ||
            hosts_may_ask(&some, &ip) != rows[i].asked_where_allowed)
            fail_msg("%s", rows[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_the_internet_is_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
