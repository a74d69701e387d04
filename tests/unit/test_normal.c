/* SPDX-License-Identifier: Apache-2.0 */
/* The form in which lines are compared: what is folded, what stays, and that a second pass changes nothing.
 */
#include "inspector/normal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *name, *line, *normal;
} rows[] = {
    {"empty", "", ""},
    {"plain ASCII", "Note de service", "NOTE DE SERVICE"},
    {"blanks and tabs", "  a \t  b  ", "A B"},
    {"punctuation at both ends", "*** SECRET ***", "SECRET"},
    {"box", "║ CONFIDENTIEL ║", "CONFIDENTIEL"},
    {"nothing but punctuation", "--- *** ---", ""},
    {"punctuation within stays", "n° 154/DGCL/DFL, du 3.", "N° 154/DGCL/DFL, DU 3"},
    {"accents", "TRÈS SECRET, à l'été, Noël, façade", "TRES SECRET, A L'ETE, NOEL, FACADE"},
    {"decomposed accents", "TRE\u0300S SECRET", "TRES SECRET"},
    {"ligatures of French", "œuvre, ex æquo", "OEUVRE, EX AEQUO"},
    {"sharp s", "Straße", "STRASSE"},
    {"full width", "ＳＥＣＲＥＴ", "SECRET"},
    {"mathematical", "𝐒𝐄𝐂𝐑𝐄𝐓 𝓈ℯ𝒸𝓇ℯ𝓉", "SECRET SECRET"},
    {"circled", "Ⓢⓔⓒⓡⓔⓣ", "SECRET"},
    {"typographic marks", "l’administration – « été »", "L'ADMINISTRATION - « ETE"},
    {"number sign", "№ 12", "NO 12"},
    {"ordinal", "Nº 12", "NO 12"},
    {"no-break and thin blanks", "aa\u00a0bb\u2009cc\u202fdd", "AA BB CC DD"},
    {"soft hyphen", "confi\u00addentiel", "CONFIDENTIEL"},
    {"zero width", "SE\u200bCR\u200cE\u200d\ufeffT\u2060", "SECRET"},
    {"direction controls", "\u202eSECRET\u202c\u200f", "SECRET"},
    {"tags and variation selectors", "S\ufe0fECRET\U000e0041", "SECRET"},
    {"tatweel", "ســــري", "سري"},
    {"harakat and shadda", "سِرِّيٌّ", "سري"},
    {"superscript alif", "هٰذا", "هذا"},
    {"alif forms", "أإآٱا", "ااااا"},
    {"ya forms", "سرى سری سري", "سري سري سري"},
    {"ta marbuta", "وزارة الداخلية", "وزاره الداخليه"},
    {"hamza on its seats", "مؤسسة مسئول", "موسسه مسيول"},
    {"kaf and ha of other keyboards", "ک ہ", "ك ه"},
    {"presentation forms", "ﺳﺮﻱ ﻟﻠﻐﺎﻳﺔ", "سري للغايه"},
    {"lam-alif", "ﻻ ﻹ", "ال ال"},
    {"lam-alif in either order", "للاستعمال الإداري لالستعمال اإلداري",
     "اللستعمال االداري اللستعمال االداري"},
    {"isolated harakat of fonts", "ﺳﹺﺮﻱ", "سري"},
    {"Arabic-Indic digits", "رقم ٦٧٤٫١٨", "رقم 674.18"},
    {"Persian digits", "۱۲۳", "123"},
    {"Arabic marks of punctuation", "سري؟ نعم، لا؛", "سري? نعم, ال"},
    {"spaced out", "C O N F I D E N T I E L", "CONFIDENTIEL"},
    {"spaced out, two words", "T R È S   S E C R E T", "TRESSECRET"},
    {"spaced out, Arabic", "س ر ي", "سري"},
    {"spaced out among words", "le mot S E C R E T ici", "LE MOT SECRET ICI"},
    {"two single letters stay apart", "plan A B ou", "PLAN A B OU"},
    {"digits are not joined", "1 2 3 4", "1 2 3 4"},
    {"initials with a word", "M. A. Alami", "M. A. ALAMI"},
    {"Cyrillic is left as it is", "Секрет", "СЕКРЕТ"},
    {"CJK is left as it is", "秘密", "秘密"},
    {"emoji", "🔒 CONFIDENTIEL 🔒", "CONFIDENTIEL"},
    {"controls are dropped",
     "SE\x01\x7f"
     "CRET",
     "SECRET"},
};

static struct fold *fold;

static void normal_row(void **state)
{
    const size_t i = *(const size_t *)*state;
    char out[1024], again[1024];
    size_t size = normal_line(rows[i].line, strlen(rows[i].line), out, sizeof out);
    assert_string_equal(out, rows[i].normal);
    assert_int_equal(size, strlen(out));
    size = normal_line(out, size, again, sizeof again);
    assert_string_equal(again, out);
    assert_int_equal(size, strlen(again));
}

static void result_is_cut_at_a_character(void **state)
{
    static const char line[] = "ﷺﷺﷺﷺ أحمد";
    char out[64];
    for (size_t room = 1; room <= sizeof out; room++) {
        size_t size = normal_line(line, sizeof line - 1, out, room);
        assert_true(size < room);
        assert_int_equal(out[size], '\0');
        for (size_t at = 0; at < size;)
            assert_int_not_equal(fold_next(out, size, &at), 0xfffd);
    }
}

static void table_is_checked(void **state)
{
    struct fold *one;
    size_t size;
    assert_int_equal(fold_make(&one, &size), POLICY_OK);
    assert_true(fold_is_good(one, size));
    assert_false(fold_is_good(one, size - 4));
    assert_false(fold_is_good(one, 8));
    uint32_t *words = (uint32_t *)one;
    words[0] ^= 1;
    assert_false(fold_is_good(one, size));
    words[0] ^= 1;
    words[1]++;
    assert_false(fold_is_good(one, size));
    words[1]--;
    words[4] = 0xffffffff; /* blocks */
    assert_false(fold_is_good(one, size));
    fold_free(one);
}

static void look_alikes(void **state)
{
    static const struct {
        uint32_t code;
        char latin;
    } some[] = {{0x0421, 'C'}, {0x041e, 'O'}, {0x0415, 'E'}, {0x0406, 'I'}, {0x0405, 'S'}, {0x0422, 'T'},
                {0x0391, 'A'}, {0x039d, 'N'}, {0x13da, 'S'}, {0x0416, 0},   {'A', 0},      {0x0633, 0}};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        assert_int_equal(fold_latin(fold, some[i].code), some[i].latin);
}

static void key_is_letters_and_digits(void **state)
{
    char key[32], tight[5];
    assert_int_equal(fold_key(fold, "Très-Secret !", 14, key, sizeof key), 10);
    assert_string_equal(key, "TRESSECRET");
    assert_int_equal(fold_key(fold, "SECRET", 6, tight, sizeof tight), 0);
    assert_string_equal(tight, "");
}

static int make_table(void **state)
{
    size_t size;
    if (fold_make(&fold, &size) != POLICY_OK)
        return -1;
    normal_prepare(fold);
    return 0;
}

static int free_table(void **state)
{
    normal_prepare(NULL);
    fold_free(fold);
    return 0;
}

enum { ROWS = sizeof rows / sizeof *rows, OTHERS = 4 };

int main(void)
{
    static size_t numbers[ROWS];
    struct CMUnitTest tests[ROWS + OTHERS] = {
        cmocka_unit_test(result_is_cut_at_a_character), cmocka_unit_test(table_is_checked),
        cmocka_unit_test(look_alikes), cmocka_unit_test(key_is_letters_and_digits)};
    for (size_t i = 0; i < ROWS; i++) {
        numbers[i] = i;
        tests[OTHERS + i] =
            (struct CMUnitTest){.name = rows[i].name, .test_func = normal_row, .initial_state = &numbers[i]};
    }
    return cmocka_run_group_tests(tests, make_table, free_table);
}
