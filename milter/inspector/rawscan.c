/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/rawscan.h"

#include "base/text.h"
#include "inspector/octets.h"

#include <string.h>

void rawscan_init(struct rawscan *scan)
{
    /* All but the line, which is large and need not be cleared. */
    memset(scan, 0, offsetof(struct rawscan, line));
}

static void hit(struct rawscan *scan, const char *what)
{
    if (!scan->found)
        scan->found = what;
}

const char *rawscan_magic(const char *bytes, size_t size)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *type;
    } magics[] = {
        {"%PDF-", 5, "application/pdf"},
        {"PK\3\4", 4, "application/zip"},
        {"\xd0\xcf\x11\xe0", 4, "application/x-ole-storage"},
        {"{\\rtf", 5, "text/rtf"},
        {"Rar!\x1a", 5, "application/x-rar"},
        {"7z\xbc\xaf\x27\x1c", 6, "application/x-7z-compressed"},
        {"\x89PNG", 4, "image/png"},
        {"GIF87a", 6, "image/gif"},
        {"GIF89a", 6, "image/gif"},
        {"\xff\xd8\xff", 3, "image/jpeg"},
        {"II*\0", 4, "image/tiff"},
        {"MM\0*", 4, "image/tiff"},
        {"\x1f\x8b\x08", 3, "application/gzip"},
        {"\xfd"
         "7zXZ",
         5, "application/x-xz"},
        {"%!PS-Adobe", 10, "application/postscript"},
        {"\x78\x9f\x3e\x22", 4, "application/vnd.ms-tnef"},
        {"MZ\x90\0", 4, "application/x-dosexec"},
        {"\x7f"
         "ELF",
         4, "application/x-executable"},
    };
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (size >= magics[i].size && memcmp(bytes, magics[i].bytes, magics[i].size) == 0)
            return magics[i].type;
    return NULL;
}

enum { MIX_UPPER = 1, MIX_LOWER = 2, MIX_DIGIT = 4, MIX_ALL = 7 };

/* RFC 4648 both alphabets: what a character adds to the mixture, -1 for what is not base64. */
static int base64_class(char c)
{
    if (c >= 'A' && c <= 'Z')
        return MIX_UPPER;
    if (c >= 'a' && c <= 'z')
        return MIX_LOWER;
    if (c >= '0' && c <= '9')
        return MIX_DIGIT;
    return c == '+' || c == '/' || c == '-' || c == '_' || c == '=' ? 0 : -1;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : 63;
}

static bool begins(const char *line, size_t size, const char *with)
{
    size_t length = strlen(with);
    return size >= length && memcmp(line, with, length) == 0;
}

/* A file that somebody encoded and pasted starts with its magic, whatever its length. */
static bool decodes_to_magic(const char *line, size_t size)
{
    char bytes[12];
    if (size < 24)
        return false;
    for (size_t group = 0; group < 4; group++) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++)
            bits = bits << 6 | (uint32_t)base64_value(line[group * 4 + k]);
        for (size_t k = 0; k < 3; k++)
            bytes[group * 3 + k] = (char)(bits >> (16 - 8 * k));
    }
    /* Three bytes are too few to stand against chance here. */
    return rawscan_magic(bytes, sizeof bytes) != NULL && (bytes[0] != '\xff' || bytes[3] >= '\xc0') &&
           (bytes[0] != '\x1f' || bytes[3] < 32);
}

/* A run may start anywhere in a line; a line belongs to a block only when it is base64 from end to end.
 * False: it does not, and the mixture says nothing. */
static bool all_base64(struct rawscan *scan, const char *line, size_t size, unsigned *mix_out)
{
    size_t run = 0;
    unsigned mix = 0;
    bool all = true;
    *mix_out = 0;
    for (size_t i = 0; i < size; i++) {
        int class = base64_class(line[i]);
        if (class < 0) {
            if (size - i <= BASE64_RUN)
                return false;
            all = false;
            run = 0;
            mix = 0;
            continue;
        }
        mix |= (unsigned)class;
        if (++run >= BASE64_RUN && mix == MIX_ALL)
            hit(scan, "base64 in one long line");
    }
    *mix_out = mix;
    return all;
}

static void look_for_base64(struct rawscan *scan, const char *line, size_t size)
{
    unsigned mix;
    if (!all_base64(scan, line, size, &mix) || size < BASE64_WIDTH) {
        scan->base64_lines = 0;
        return;
    }
    if (scan->base64_lines && scan->base64_width != size)
        scan->base64_lines = 0;
    if (!scan->base64_lines) {
        scan->base64_mix = 0;
        if (decodes_to_magic(line, size))
            hit(scan, "a file in base64");
    }
    scan->base64_width = (unsigned)size;
    scan->base64_mix |= mix;
    if (++scan->base64_lines >= BASE64_LINES && scan->base64_mix == MIX_ALL)
        hit(scan, "block of base64");
}

static bool hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static unsigned hex_value(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : text_lower(c) - 'a' + 10);
}

/* Of MD5, SHA-1 and SHA-2, which are no text. */
bool rawscan_is_digest(const char *line, size_t size)
{
    char bytes[64];
    bool high = false;
    if (size != 32 && size != 40 && size != 56 && size != 64 && size != 96 && size != 128)
        return false;
    for (size_t i = 0; i < size; i += 2) {
        if (!hex_digit(line[i]) || !hex_digit(line[i + 1]))
            return false;
        bytes[i / 2] = (char)(hex_value(line[i]) << 4 | hex_value(line[i + 1]));
        high |= bytes[i / 2] & 0x80;
    }
    return high && !rawscan_magic(bytes, size / 2);
}

static void count_hex(struct rawscan *scan, const char *line, size_t size, unsigned digits)
{
    scan->hex_digests = rawscan_is_digest(line, size) && (scan->hex_digests || !scan->hex_lines);
    scan->hex_digits = scan->hex_lines ? scan->hex_digits + digits : digits;
    scan->hex_lines++;
    if (scan->hex_lines >= HEX_LINES && (!scan->hex_digests || scan->hex_digits >= HEX_RUN))
        hit(scan, "block of hexadecimal");
}

static void look_for_hex(struct rawscan *scan, const char *line, size_t size)
{
    unsigned digits = 0;
    size_t at = 0;
    for (; at < size; at++) {
        if (hex_digit(line[at]))
            digits++;
        else if (!memchr(" \t:,-x\\", line[at], 7))
            break;
    }
    if (digits >= HEX_RUN)
        hit(scan, "hexadecimal in one long line");
    if (at == size && digits >= HEX_DIGITS)
        count_hex(scan, line, size, digits);
    else
        scan->hex_lines = 0;
}

/* The first character is the number of bytes that the rest holds; trailing blanks may be lost on the way. */
static bool uu_line(const char *line, size_t size)
{
    if (!size || line[0] <= ' ' || line[0] > '`')
        return false;
    size_t bytes = (size_t)(line[0] - ' ') & 63, want = (bytes + 2) / 3 * 4 + 1;
    for (size_t i = 1; i < size; i++)
        if (line[i] < ' ' || line[i] > '`')
            return false;
    return bytes && size <= want + 2 && size + 3 >= want;
}

static enum uu_form uu_begin(const char *line, size_t size)
{
    size_t at = begins(line, size, "begin-base64 ") ? 13 : begins(line, size, "begin ") ? 6 : 0;
    enum uu_form form = at == 13 ? UU_BASE64 : UU_CLASSIC;
    size_t digits = 0;
    if (!at)
        return UU_NONE;
    for (; at < size && line[at] >= '0' && line[at] <= '7'; at++)
        digits++;
    return digits >= 3 && digits <= 5 && at + 1 < size && line[at] == ' ' ? form : UU_NONE;
}

static void look_for_uuencode(struct rawscan *scan, const char *line, size_t size)
{
    if ((scan->uu_begun == UU_CLASSIC && uu_line(line, size)) || (scan->uu_begun == UU_BASE64 && size >= 4))
        hit(scan, "uuencode");
    if (size)
        scan->uu_begun = uu_begin(line, size);
    /* In shell archives a letter stands before each line. */
    bool full = (size == 61 && line[0] == 'M' && uu_line(line, size)) ||
                (size == 62 && line[1] == 'M' && uu_line(line + 1, size - 1));
    scan->uu_lines = full ? scan->uu_lines + 1 : 0;
    if (scan->uu_lines >= UU_LINES)
        hit(scan, "uuencode");
}

static void look_for_words(struct rawscan *scan, const char *line, size_t size)
{
    static const struct {
        const char *start, *what;
    } words[] = {
        {"=ybegin ", "yEnc"},
        {"(This file must be converted with BinHex", "BinHex"},
        {"%PDF-", "a PDF file in the text"},
        {"{\\rtf1", "an RTF file in the text"},
        {"PK\3\4", "a ZIP file in the text"},
        {"\xd0\xcf\x11\xe0", "an OLE file in the text"},
        {"%!PS-Adobe", "a PostScript file in the text"},
    };
    if (!size || !memchr("=(%{P\xd0", line[0], 6))
        return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (begins(line, size, words[i].start))
            hit(scan, words[i].what);
}

static void end_armour(struct rawscan *scan)
{
    enum packets_kind kind = packets_armour_kind(&scan->armour);
    scan->in_armour = false;
    if (kind == PACKETS_SIGNATURES && !scan->armour_is_message && scan->armour.size < SIGNATURE_BYTES_MAX)
        return;
    if (kind == PACKETS_PUBLIC_KEYS && !scan->armour_is_message)
        scan->key_bytes += scan->armour.size;
    if (kind == PACKETS_PUBLIC_KEYS && !scan->armour_is_message && scan->key_bytes <= KEY_IN_TEXT_BYTES_MAX)
        return;
    if (kind == PACKETS_ENCRYPTED && !scan->found)
        scan->opaque = true;
    else
        scan->lied |= scan->armour_is_message;
    hit(scan, kind == PACKETS_ENCRYPTED ? "an OpenPGP message"
                                        : "OpenPGP armour that is neither message nor signature");
}

/* A public key, where its owner shows it: DER of a SEQUENCE in lines of 64 (RFC 7468 13). */
static bool begins_key(const char *line, size_t size)
{
    return begins(line, size, "-----BEGIN PUBLIC KEY-----") ||
           begins(line, size, "-----BEGIN RSA PUBLIC KEY-----");
}

static void begin_armour(struct rawscan *scan, const char *line, size_t size)
{
    scan->in_armour = true;
    scan->armour_is_message = line[15] == 'M';
    packets_armour_init(&scan->armour);
    packets_armour_line(&scan->armour, line, size);
}

static void take_pem_line(struct rawscan *scan, const char *line, size_t size)
{
    size_t good = 0;
    while (good < size && base64_class(line[good]) >= 0)
        good++;
    if (!scan->in_pem || size < PEM_WIDTH || good != size)
        return;
    scan->pem_lines++;
    scan->key_lines += scan->in_key;
    if (scan->key_lines > PEM_KEY_LINES || size > PEM_KEY_WIDTH || (scan->pem_lines == 1 && *line != 'M'))
        scan->in_key = false;
    if (scan->pem_lines >= PEM_LINES && !scan->in_key)
        hit(scan, "PEM block");
}

static void look_for_pem(struct rawscan *scan, const char *line, size_t size)
{
    if (scan->in_armour) {
        packets_armour_line(&scan->armour, line, size);
        if (scan->armour.state == ARMOUR_AFTER || scan->armour.state == ARMOUR_BROKEN)
            end_armour(scan);
        return;
    }
    if (begins(line, size, "-----BEGIN PGP MESSAGE") || begins(line, size, "-----BEGIN PGP SIGNATURE-") ||
        begins(line, size, "-----BEGIN PGP PUBLIC KEY BLOCK-")) {
        begin_armour(scan, line, size);
        return;
    }
    if (begins(line, size, "-----BEGIN ")) {
        scan->in_pem = !begins(line, size, "-----BEGIN PGP SIGNED MESSAGE");
        scan->in_key = begins_key(line, size);
        scan->pem_lines = 0;
        return;
    }
    if (begins(line, size, "-----END "))
        scan->in_pem = scan->in_key = false;
    take_pem_line(scan, line, size);
}

static const char *find_nocase(const char *text, size_t size, const char *wanted)
{
    size_t length = strlen(wanted);
    for (const char *end = text + size; (size_t)(end - text) >= length; text++) {
        text = memchr(text, wanted[0], (size_t)(end - text));
        if (!text || (size_t)(end - text) < length)
            return NULL;
        size_t i = 1;
        while (i < length && text_lower(text[i]) == wanted[i])
            i++;
        if (i == length)
            return text;
    }
    return NULL;
}

/* RFC 2397. The scheme starts within RAWSCAN_OVERLAP of its ";base64,", or a person would see it. */
static void look_for_data_link(struct rawscan *scan, const char *line, size_t size)
{
    const char *mark = find_nocase(line, size, ";base64,");
    if (mark) {
        size_t before = (size_t)(mark - line), back = before < 300 ? before : 300;
        for (const char *at = mark - back; at + 5 <= mark; at++)
            if (text_starts_nocase(at, "data:"))
                hit(scan, "data: link");
    }
    const char *colon = find_nocase(line, size, ":application/");
    if (colon && colon - line >= 4 && text_starts_nocase(colon - 4, "data"))
        hit(scan, "data: link");
}

/* The first characters of PDF, ZIP, OLE, RTF, 7z and RAR in base64, in a link, whose tokens are not counted.
 */
static void look_for_links(struct rawscan *scan, const char *line, size_t size)
{
    static const char *const starts[] = {"JVBERi0", "UEsDB", "0M8R4KGx", "e1xydGY", "N3q8ryc", "UmFyIRoH"};
    const char *link = text_find(line, size, "://", 3, 0), *end = line + size;
    for (size_t i = 0; link && i < sizeof starts / sizeof *starts; i++)
        for (const char *at = link; (at = memmem(at, (size_t)(end - at), starts[i], strlen(starts[i]))); at++)
            if (base64_class(at[-1]) <= 0 && end - at >= LINK_FILE_LEAST)
                hit(scan, "a file in a link");
}

static void look_for_codes(struct rawscan *scan, const char *line, size_t size, bool ends)
{
    code_mix_feed(&scan->mix, line, size);
    if (ends)
        code_mix_end(&scan->mix);
    if (scan->mix.found)
        hit(scan, "base64 in pieces");
    const char *dense = scan->line_continues || !ends ? NULL : dense_line(&scan->dense, line, size);
    if (dense)
        hit(scan, dense);
    const char *file = text_files_line(&scan->files, line, size);
    if (file)
        hit(scan, file);
}

static void look_at_line(struct rawscan *scan, bool ends)
{
    const char *line = scan->line;
    size_t size = scan->line_size;
    if (size && line[size - 1] == '\r')
        size--;
    look_for_data_link(scan, line, size);
    look_for_links(scan, line, size);
    /* Quoted mail hides nothing from whoever pastes the block back. */
    while (size && !scan->in_armour && (*line == '>' || *line == ' ' || *line == '\t')) {
        line++;
        size--;
    }
    if (scan->in_armour || (size > 10 && *line == '-') || scan->in_pem)
        look_for_pem(scan, line, size);
    if (!scan->in_armour && !scan->in_key) {
        look_for_base64(scan, line, size);
        look_for_hex(scan, line, size);
        look_for_codes(scan, line, size, ends);
    }
    if (!scan->line_continues) {
        look_for_uuencode(scan, line, size);
        look_for_words(scan, line, size);
    }
    scan->line_number += ends;
}

static void take_line(struct rawscan *scan, bool ends)
{
    look_at_line(scan, ends);
    size_t keep = ends || scan->line_size < RAWSCAN_OVERLAP ? 0 : RAWSCAN_OVERLAP;
    memmove(scan->line, scan->line + scan->line_size - keep, keep);
    scan->line_size = keep;
    scan->line_continues = !ends;
}

static void count_bytes(struct rawscan *scan, const char *bytes, size_t size)
{
    struct octets octets = octets_count(bytes, size);
    scan->visible += octets.visible;
    scan->controls += octets.controls;
    scan->eight_bit |= octets.eight_bit;
    scan->nul |= octets.controls && memchr(bytes, '\0', size);
}

void rawscan_feed(struct rawscan *scan, const char *bytes, size_t size)
{
    count_bytes(scan, bytes, size);
    while (size) {
        size_t room = RAWSCAN_LINE_MAX - scan->line_size, take = size < room ? size : room;
        const char *end = memchr(bytes, '\n', take);
        if (end)
            take = (size_t)(end - bytes);
        memcpy(scan->line + scan->line_size, bytes, take);
        scan->line_size += take;
        if (end)
            take++;
        if (end || scan->line_size == RAWSCAN_LINE_MAX)
            take_line(scan, end);
        bytes += take;
        size -= take;
    }
}

void rawscan_finish(struct rawscan *scan)
{
    if (scan->line_size)
        take_line(scan, true);
    if (scan->in_armour)
        end_armour(scan);
}
