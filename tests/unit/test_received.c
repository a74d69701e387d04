/* SPDX-License-Identifier: Apache-2.0 */

/* Received fields as relays write them, as strangers bend them, and what they make of a message's client. */

#include "sender/hop.h"
#include "sender/received.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* expected: "ADDRESS HELO", "?" when not understood, "=" for a field that says nothing of a client. */
static const struct row {
    const char *name, *value, *expected;
} rows[] = {
    {"Postfix",
     " from mx.peer.example (mx.peer.example [203.0.113.9])\r\n\tby relay.gov.example (Postfix) with ESMTP "
     "id 4Xy9z\r\n\tfor <a@gov.example>; Sat, 21 Nov 2026 10:00:00 +0000 (UTC)",
     "203.0.113.9 mx.peer.example"},
    {"Postfix with TLS",
     " from mx.peer.example (unknown [203.0.113.9])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 "
     "(256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest "
     "SHA256)\r\n\t"
     "(Client CN \"mx.peer.example\", Issuer \"R3\" (verified OK))\r\n\tby relay.gov.example (Postfix) with "
     "ESMTPS id "
     "1; Sat, 21 Nov 2026 10:00:00 +0000 (UTC)",
     "203.0.113.9 mx.peer.example"},
    {"Postfix, IPv6",
     " from mx.peer.example (mx.peer.example [IPv6:2001:db8::9]) by relay (Postfix) with ESMTP id 1; d",
     "2001:db8::9 mx.peer.example"},
    {"Postfix, HELO is a literal", " from [198.51.100.1] (unknown [203.0.113.9]) by relay (Postfix) id 1; d",
     "203.0.113.9 [198.51.100.1]"},
    {"Postfix with a login",
     " from pc (unknown [203.0.113.9]) (Authenticated sender: chef) by relay (Postfix) id 1; d",
     "203.0.113.9 pc"},
    {"Postfix on XCLIENT's word", " from h (localhost [127.0.0.1]) by relay (Postfix) id 1; d",
     "127.0.0.1 h"},
    {"Sendmail",
     " from h.example (rdns.example [203.0.113.9])\r\n\tby relay (8.17.1/8.17.1) with ESMTP id x; d",
     "203.0.113.9 h.example"},
    {"Sendmail doubts",
     " from h.example (rdns.example [203.0.113.9] (may be forged))\r\n\tby relay (8.17.1) id x; d",
     "203.0.113.9 h.example"},
    {"Sendmail, no rdns", " from h.example ([203.0.113.9]) by relay (8.17.1) with ESMTP id x; d",
     "203.0.113.9 h.example"},
    {"Sendmail with ident",
     " from h.example (IDENT:joe@rdns.example [203.0.113.9]) by relay (8.17.1) id x; d",
     "203.0.113.9 h.example"},
    {"Sendmail with ident, no rdns", " from h.example (joe@[203.0.113.9]) by relay (8.17.1) id x; d",
     "203.0.113.9 h.example"},
    {"Sendmail with a login",
     " from h.example (rdns.example [203.0.113.9])\r\n\t(authenticated bits=0)\r\n\tby relay (8.17.1) id x; "
     "d",
     "203.0.113.9 h.example"},
    {"Sendmail, IPv6", " from h.example (rdns.example [IPv6:2001:db8:0:0:0:0:0:9]) by relay id x; d",
     "2001:db8::9 h.example"},
    {"Exim",
     " from rdns.example ([203.0.113.9] helo=h.example)\r\n\tby relay with esmtps (TLS1.3) tls "
     "TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.96)\r\n\t(envelope-from <a@b.example>)\r\n\tid 1pX; d",
     "203.0.113.9 h.example"},
    {"Exim, HELO is the name",
     " from rdns.example ([203.0.113.9])\r\n\tby relay with esmtp (Exim 4.96) id 1pX; d",
     "203.0.113.9 rdns.example"},
    {"Exim with a port",
     " from rdns.example ([203.0.113.9]:41234 helo=h.example) by relay (Exim 4.96) id 1; d",
     "203.0.113.9 h.example"},
    {"Exim with ident", " from rdns.example ([203.0.113.9] ident=joe)\r\n\tby relay (Exim 4.96) id 1; d",
     "203.0.113.9 rdns.example"},
    {"Exim, no rdns", " from [203.0.113.9] (helo=h.example)\r\n\tby relay with esmtp (Exim 4.96) id 1; d",
     "203.0.113.9 h.example"},
    {"Exim, no rdns, port and ident",
     " from [203.0.113.9] (port=4321 helo=h.example ident=x) by relay (Exim 4) id 1; d",
     "203.0.113.9 h.example"},
    {"Exim, no rdns, HELO is a literal",
     " from [203.0.113.9] (helo=[198.51.100.1]) by relay (Exim 4) id 1; d", "203.0.113.9 [198.51.100.1]"},
    {"Exim, IPv6", " from rdns.example ([2001:db8::9] helo=h.example) by relay (Exim 4) id 1; d",
     "2001:db8::9 h.example"},
    {"Exchange",
     " from mail.peer.example (203.0.113.9) by\r\n EX1.gov.example (10.0.0.5) with Microsoft SMTP Server\r\n "
     "(version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.1.2507.31; d",
     "203.0.113.9 mail.peer.example"},
    {"Exchange, front end",
     " from mail.peer.example (2001:db8:6::1) by X (2001:db8::2) with Microsoft SMTP Server id "
     "15.20.9343.6 via Frontend Transport; d",
     "2001:db8:6::1 mail.peer.example"},
    {"Exchange, brackets", " from EX2 ([203.0.113.9]) by EX1 with mapi id 15.1; d", "203.0.113.9 EX2"},
    {"qmail", " from rdns.example (HELO h.example) (203.0.113.9)\r\n  by relay with SMTP; d",
     "203.0.113.9 h.example"},
    {"qmail, no rdns", " from unknown (HELO h.example) (203.0.113.9) by relay with SMTP; d",
     "203.0.113.9 h.example"},
    {"qmail with ident", " from rdns.example (HELO h.example) (joe@203.0.113.9) by relay with SMTP; d",
     "203.0.113.9 h.example"},
    {"qmail, HELO is the name", " from h.example (203.0.113.9) by relay with SMTP; d",
     "203.0.113.9 h.example"},
    {"qmail's own line", " (qmail 19499 invoked from network); 15 Apr 2027 15:28:06 -0000", "="},
    {"qmail, local mail", " (qmail 19499 invoked by uid 511); 15 Apr 2027 15:28:06 -0000", "?"},
    {"qmail, no number", " (qmail x invoked from network); d", "?"},
    {"IronPort", " from unknown (HELO h.example) ([203.0.113.9])\r\n  by esa.gov.example with ESMTP/TLS; d",
     "203.0.113.9 h.example"},
    {"IronPort, HELO is a literal", " from unknown (HELO [10.0.0.1]) ([203.0.113.9]) by esa with ESMTP; d",
     "203.0.113.9 [10.0.0.1]"},
    {"James", " from rdns.example (EHLO h.example) ([203.0.113.9]) by james with ESMTP ID 1; d",
     "203.0.113.9 h.example"},
    {"Google",
     " from mail-wm1.example (mail-wm1.example. [209.85.128.50])\r\n        by mx.google.com with ESMTPS id "
     "x\r\n"
     "        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256); d",
     "209.85.128.50 mail-wm1.example"},
    {"Courier",
     " from h.example (rdns.example [::ffff:203.0.113.9])\r\n  (TLS: TLSv1.3,256bits) by relay with ESMTPS "
     "id 1; d",
     "203.0.113.9 h.example"},
    {"Domino",
     " from h.example ([203.0.113.9])\r\n          by relay (HCL Domino Release 12) with ESMTP id 1-2; d",
     "203.0.113.9 h.example"},
    {"amavisd-new",
     " from relay.gov.example ([127.0.0.1])\r\n by localhost (relay.gov.example [127.0.0.1]) (amavisd-new, "
     "port 10024)\r\n with ESMTP id x for <a@gov.example>; d",
     "127.0.0.1 relay.gov.example"},
    {"log style, no blank", " from h.example (unknown[203.0.113.9]) by relay (Postfix) id 1; d",
     "203.0.113.9 h.example"},
    {"words in capitals", " FROM h.example (unknown [203.0.113.9]) BY relay WITH SMTP ID 1; d",
     "203.0.113.9 h.example"},
    {"quoted recipient", " from h (u [203.0.113.9]) by relay id 1 for <\"by ( ;\"@gov.example>; d",
     "203.0.113.9 h"},

    {"empty", "", "?"},
    {"nothing but from", " from", "?"},
    {"no by", " from h (u [203.0.113.9]); d", "?"},
    {"the word alone is what the client said", " from [203.0.113.9] by relay id 1; d", "?"},
    {"a literal and an encryption", " from [203.0.113.9] (using TLSv1.3) by relay id 1; d", "?"},
    {"a name alone", " from mx.peer.example by relay with ESMTP id 1; d", "?"},
    {"local, Postfix", " by relay (Postfix, from userid 1000)\r\n\tid 1; d", "?"},
    {"local, Sendmail", " (from root@localhost)\r\n\tby relay (8.17.1) id 1; d", "?"},
    {"local, Exim", " from root by relay with local (Exim 4.96) id 1; d", "?"},
    {"zone", " from EX1 ([fe80::1%12]) by EX2 with mapi id 15; d", "?"},
    {"no address", " from h (unknown [unknown]) by relay id 1; d", "?"},
    {"a name between brackets", " from h (u [mx.peer.example]) by relay id 1; d", "?"},
    {"address with a leading zero", " from h (u [203.000.113.009]) by relay id 1; d", "?"},
    {"four numbers too great", " from h (u [203.0.113.999]) by relay id 1; d", "?"},
    {"address cut", " from h (u [203.0.113]) by relay id 1; d", "?"},
    {"bracket never closes", " from h (u [203.0.113.9) by relay id 1; d", "?"},
    {"comment never closes", " from h (u [203.0.113.9] by relay id 1; d", "?"},
    {"closed once too often", " from h (u [203.0.113.9])) by relay id 1; d", "?"},
    {"two names before the address", " from h (a b [203.0.113.9]) by relay id 1; d", "?"},
    {"blanks behind a port sign", " from h (u [203.0.113.9]: 25) by relay id 1; d", "?"},
    {"no such port", " from h (u [203.0.113.9]:99999) by relay id 1; d", "?"},
    {"unknown words behind the address", " from h (u [203.0.113.9] trust me) by relay id 1; d", "?"},
    {"word glued behind the address", " from h (u [203.0.113.9]helo=x) by relay id 1; d", "?"},
    {"control character", " from h\x01 (u [203.0.113.9]) by relay id 1; d", "?"},
    {"8-bit HELO", " from h\xc3\xa9 (u [203.0.113.9]) by relay id 1; d", "?"},
    {"deep comments", " from h (((((((((u [203.0.113.9]))))))))) by relay id 1; d", "?"},

    /* What a client might say in the hope that a relay repeats it as it is. */
    {"HELO with an address of its own",
     " from x (u [198.51.100.1]) (rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"HELO that ends the clause",
     " from x (u [198.51.100.1]) by y (rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"HELO that ends the field",
     " from x (u [198.51.100.1]) by y; z (rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"HELO that hides the rest",
     " from x (u [198.51.100.1]) by y ( (rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"HELO that quotes the rest",
     " from x (u [198.51.100.1]) by y \" (rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"HELO like qmail's", " from x (HELO y) (198.51.100.1) (rdns.example [203.0.113.9]) by relay id 1; d",
     "?"},
    {"HELO like Exchange's", " from x (198.51.100.1) (rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"HELO like Exim's", " from [198.51.100.1] (helo=x) (rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"ident with an address", " from h ([198.51.100.1]@rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"ident like Exim's", " from h ([198.51.100.1] helo=x@rdns.example [203.0.113.9]) by relay id 1; d", "?"},
    {"ident that looks like Exim's words", " from [198.51.100.1] (helo=@[203.0.113.9]) by relay id 1; d",
     "?"},
    {"Exim's words, and the client's word is no address", " from h (helo=[198.51.100.1]) by relay id 1; d",
     "?"},
    {"rdns with an address", " from h (x[198.51.100.1] [203.0.113.9] (may be forged)) by relay id 1; d", "?"},
    {"certificate with an address",
     " from h (u [203.0.113.9]) (Client CN \"x [198.51.100.1]\" (not verified)) by relay id 1; d", "?"},
    {"login that is an address", " from h (u [203.0.113.9]) (198.51.100.1) by relay id 1; d", "?"},
};

static void fields_are_read(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ip ip;
        char helo[RECEIVED_HELO_ROOM], address[IP_ROOM], got[400];
        switch (received_read(rows[i].value, &ip, helo)) {
        case RECEIVED_STRANGE:
            (void)snprintf(got, sizeof got, "?");
            break;
        case RECEIVED_SAME:
            (void)snprintf(got, sizeof got, "=");
            break;
        case RECEIVED_FROM:
            ip_format(&ip, address);
            (void)snprintf(got, sizeof got, "%s %s", address, helo);
            break;
        }
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("%s: expected '%s', got '%s'", rows[i].name, rows[i].expected, got);
    }
}

#define FROM(ip)  " from h." ip " (unknown [" ip "]) by relay (Postfix) with ESMTP id 1; d"
#define CLIENT    "203.0.113.9"
#define RELAY     "192.0.2.1"
#define RELAY_TWO "192.0.2.2"
#define RELAY_SIX "2001:db8:a::1"
#define FORGED    "198.51.100.66"

/* expected: "ADDRESS HELO RELAYS"; "-" for an address or a HELO that is unknown. */
static const struct walk {
    const char *name, *client, *helo, *relays[4], *received[5], *expected;
} walks[] = {
    {"no relays: the client", CLIENT, "h", {NULL}, {FROM(FORGED)}, CLIENT " h 0"},
    {"the client is no relay", CLIENT, "h", {RELAY}, {FROM(FORGED)}, CLIENT " h 0"},
    {"the relay's client", RELAY, "relay", {RELAY}, {FROM(CLIENT), FROM(FORGED)}, CLIENT " h." CLIENT " 1"},
    {"two relays",
     RELAY,
     "relay",
     {RELAY, RELAY_TWO},
     {FROM(RELAY_TWO), FROM(CLIENT), FROM(FORGED)},
     CLIENT " h." CLIENT " 2"},
    {"a network of relays",
     RELAY,
     "relay",
     {"192.0.2.0/24"},
     {FROM(RELAY_TWO), FROM(CLIENT)},
     CLIENT " h." CLIENT " 2"},
    {"beside the network", "192.0.3.1", "h", {"192.0.2.0/24"}, {FROM(FORGED)}, "192.0.3.1 h 0"},
    {"relay over IPv6",
     RELAY_SIX,
     "relay",
     {"2001:db8:a::/48"},
     {FROM("IPv6:2001:db8:b::7")},
     "2001:db8:b::7 h.IPv6:2001:db8:b::7 1"},
    {"relay written in another way",
     RELAY_SIX,
     "relay",
     {"2001:DB8:A:0:0:0:0:1"},
     {FROM(CLIENT)},
     CLIENT " h." CLIENT " 1"},
    {"relay as IPv4 in IPv6", RELAY, "relay", {"::ffff:192.0.2.1"}, {FROM(CLIENT)}, CLIENT " h." CLIENT " 1"},
    {"a forged relay below the client's line does not count",
     RELAY,
     "relay",
     {RELAY, RELAY_TWO},
     {FROM(CLIENT), FROM(RELAY_TWO), FROM(FORGED)},
     CLIENT " h." CLIENT " 1"},
    {"the client claims to be a relay in HELO",
     RELAY,
     "relay",
     {RELAY},
     {" from [192.0.2.1] (unknown [203.0.113.9]) by relay (Postfix) id 1; d", FROM(FORGED)},
     CLIENT " [192.0.2.1] 1"},
    {"a line that is not understood ends it",
     RELAY,
     "relay",
     {RELAY},
     {" from x by relay id 1; d", FROM(CLIENT)},
     "- - 0"},
    {"the second relay's is not understood",
     RELAY,
     "relay",
     {RELAY, RELAY_TWO},
     {FROM(RELAY_TWO), " by relay (Postfix, from userid 0) id 1; d", FROM(FORGED)},
     "- - 1"},
    {"no line at all", RELAY, "relay", {RELAY}, {NULL}, "- - 0"},
    {"lines run out", RELAY, "relay", {RELAY, RELAY_TWO}, {FROM(RELAY_TWO)}, "- - 1"},
    {"a relay that names itself for ever",
     RELAY,
     "relay",
     {RELAY},
     {FROM(RELAY), FROM(RELAY), FROM(RELAY)},
     "- - 3"},
    {"qmail's two lines",
     RELAY,
     "relay",
     {RELAY},
     {" (qmail 1 invoked from network); d", " from unknown (HELO h) (203.0.113.9) by relay with SMTP; d",
      FROM(FORGED)},
     CLIENT " h 1"},
    {"qmail's first line twice",
     RELAY,
     "relay",
     {RELAY},
     {" (qmail 1 invoked from network); d", " (qmail 1 invoked from network); d", FROM(FORGED)},
     "- - 0"},
    {"qmail's first line alone", RELAY, "relay", {RELAY}, {" (qmail 1 invoked from network); d"}, "- - 0"},
    {"this machine", "127.0.0.1", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"this machine over IPv6", "::1", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"private network", "10.1.2.3", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"private network, 172.16", "172.31.0.9", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"beside 172.16", "172.32.0.9", "h", {NULL}, {FROM(FORGED)}, "172.32.0.9 h 0"},
    {"private network, 192.168", "192.168.0.9", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"carrier's network", "100.64.0.9", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"private network, IPv6", "fd00::9", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"link-local", "fe80::9", "h", {NULL}, {FROM(FORGED)}, "- - 0"},
    {"relay in a private network",
     "10.1.2.3",
     "relay",
     {"10.0.0.0/8"},
     {FROM(CLIENT)},
     CLIENT " h." CLIENT " 1"},
    {"relay's own network", RELAY, "relay", {RELAY}, {FROM("192.168.7.7"), FROM(FORGED)}, "- - 1"},
    {"relay's own machine", RELAY, "relay", {RELAY}, {FROM("127.0.0.1"), FROM(CLIENT)}, "- - 1"},
    {"relay with a content filter, named",
     RELAY,
     "relay",
     {RELAY, "127.0.0.1"},
     {FROM("127.0.0.1"),
      " from relay ([127.0.0.1]) by localhost (relay [127.0.0.1]) (amavisd-new, port 10024) id 2; d",
      FROM(CLIENT), FROM(FORGED)},
     CLIENT " h." CLIENT " 3"},
    {"not by network", NULL, NULL, {NULL}, {FROM(FORGED)}, "- - 0"},
    {"no HELO", CLIENT, NULL, {NULL}, {NULL}, CLIENT " - 0"},
    {"what is no address", "unknown", "h", {RELAY}, {FROM(FORGED)}, "- - 0"},
};

static void run_walk(const struct walk *walk)
{
    struct ip_network relays[4];
    char got[400];
    struct hop hop;
    struct arena *arena = arena_new(0);
    struct hop_input input = {walk->client, walk->helo, relays, 0, walk->received, 0};
    for (; input.n_relays < 4 && walk->relays[input.n_relays]; input.n_relays++)
        assert_null(ip_network_parse(walk->relays[input.n_relays], &relays[input.n_relays]));
    while (input.n_received < 5 && walk->received[input.n_received])
        input.n_received++;
    assert_int_equal(hop_find(&input, arena, &hop), RESULT_OK);
    assert_non_null(hop.why);
    (void)snprintf(got, sizeof got, "%s %s %u", hop.address ? hop.address : "-", hop.helo ? hop.helo : "-",
                   hop.relays);
    if (strcmp(got, walk->expected) != 0)
        fail_msg("%s: expected '%s', got '%s' (%s)", walk->name, walk->expected, got, hop.why);
    arena_free(arena);
}

static void the_client_of_our_network_is_found(void **state)
{
    for (size_t i = 0; i < COUNT(walks); i++)
        run_walk(&walks[i]);
}

static void a_long_helo_is_none(void **state)
{
    static char value[2000];
    char name[1200], helo[RECEIVED_HELO_ROOM];
    struct ip ip;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    (void)snprintf(value, sizeof value, " from %s (u [203.0.113.9]) by relay id 1; d", name);
    assert_int_equal(received_read(value, &ip, helo), RECEIVED_FROM);
    assert_string_equal(helo, "");
}

static void networks_hold_what_they_say(void **state)
{
    static const struct {
        const char *network, *address;
        bool holds;
    } table[] = {
        {"192.0.2.0/25", "192.0.2.127", true},      {"192.0.2.0/25", "192.0.2.128", false},
        {"192.0.2.7", "192.0.2.7", true},           {"192.0.2.7/32", "192.0.2.6", false},
        {"2001:db8::/33", "2001:db8:7fff::", true}, {"2001:db8::/33", "2001:db8:8000::", false},
        {"10.0.0.0/8", "::ffff:10.9.8.7", true},    {"::/7", "0.0.0.1", false},
        {"128.0.0.0/7", "129.255.255.255", true},   {"fc00::/7", "fdff::1", true},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct ip_network network;
        struct ip ip;
        assert_null(ip_network_parse(table[i].network, &network));
        assert_true(ip_parse(table[i].address, &ip));
        if (ip_network_holds(&network, &ip) != table[i].holds)
            fail_msg("%s and %s", table[i].network, table[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(the_client_of_our_network_is_found),
        cmocka_unit_test(a_long_helo_is_none),
        cmocka_unit_test(networks_hold_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
