/* SPDX-License-Identifier: Apache-2.0 */

/* What a Sieve script sends on: each row a script and "line command target flags" of every action, flags: a
 * an address, v varies. "!": not whole. */

#include "base/buffer.h"
#include "forwards/sieve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name, *script, *actions;
} rows[] = {
    {"nothing", "", ""},
    {"a redirect", "redirect \"a@b\";", "1 redirect a@b a;"},
    {"upper case", "REDIRECT \"a@b\";", "1 redirect a@b a;"},
    {"a copy", "redirect :copy \"a@b\";", "1 redirect a@b a;"},
    {"numbers and tags before", "redirect :bytimerelative 10 :notify \"N\" \"a@b\";", "1 redirect a@b a;"},
    {"a list", "redirect [\"a@b\",\n\"c@d\"];", "2 redirect c@d a;1 redirect a@b a;"},
    {"a list of another place", "redirect :list \"tag:x\";", "1 redirect tag:x ;"},
    {"escapes", "redirect \"a\\\\\\\"b@c\";", "1 redirect a\\\"b@c a;"},
    {"variables", "redirect \"${a}@b\";", "1 redirect ${a}@b av;"},
    {"in blocks", "if true { if not false { redirect \"a@b\"; } } else { redirect \"c@d\"; }",
     "1 redirect a@b a;1 redirect c@d a;"},
    {"a test's strings are none", "if address :is [\"to\"] \"redirect a@b\" { keep; }", ""},
    {"comments", "# redirect \"a@b\";\n/* redirect \"c@d\"; */ redirect # x\n\"e@f\";", "3 redirect e@f a;"},
    {"a comment's sign in a string", "fileinto \"# /* x\"; redirect \"a@b\";", "1 redirect a@b a;"},
    {"many lines", "redirect text:\r\na@b\r\n.\r\n;", "2 redirect a@b\r\n a;"},
    {"many lines of a reply", "vacation text: # c\nredirect \"x@y\";\n..\n.\n;redirect \"a@b\";",
     "5 redirect a@b a;"},
    {"notify", "notify :from \"x@y\" :message \"m\" \"mailto:a@b\";", "1 notify a@b a;"},
    {"notify with fields", "notify \"MAILTO:a%40b,c@d?subject=x@y&Bcc=e@f\";",
     "1 notify a@b a;1 notify c@d a;1 notify e@f a;"},
    {"notify by something else", "notify \"xmpp:a@b\";", "1 notify xmpp:a@b ;"},
    {"notify by the draft", "notify :method \"mailto\" :options [\"a@b\"] :message \"x@y\";",
     "1 notify a@b a;"},
    {"notify by the draft, to nobody", "notify;", ""},
    {"a report", "report \"abuse\" \"m\" \"a@b\";", "1 report a@b a;"},
    {"programs", "pipe :copy \"p\" [\"a\"]; filter \"f\"; execute :args \"x\" \"p\";",
     "1 pipe p ;1 filter f ;1 execute x ;"},
    {"a word that is a name elsewhere", "set \"redirect\" \"a@b\"; addflag \"redirect\";", ""},
    {"no end", "redirect \"a@b\"", "1 redirect a@b a;!"},
    {"no end of a block", "if true { redirect \"a@b\" }", "1 redirect a@b a;!"},
    {"no end of a string", "redirect \"a@b;", "!"},
    {"no end of a comment", "/* redirect \"a@b\";", "!"},
    {"no end of many lines", "redirect text:\na@b\n", "!"},
    {"a byte that is nothing", "\x01redirect \"a@b\";", "1 redirect a@b a;!"},
};

static void on_action(void *context, const struct sieve_action *action)
{
    buffer_printf(context, "%u %s %s %s%s;", action->line, action->command, action->target,
                  action->is_address ? "a" : "", action->varies ? "v" : "");
}

static void scripts(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(0);
        struct buffer said;
        buffer_init(&said, 0);
        if (!sieve_read(arena, rows[i].script, on_action, &said))
            buffer_puts(&said, "!");
        if (strcmp(buffer_text(&said), rows[i].actions) != 0)
            fail_msg("%s: %s, expected %s", rows[i].name, buffer_text(&said), rows[i].actions);
        buffer_free(&said);
        arena_free(arena);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(scripts),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
