/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_OUTLET_H
#define KHATM_READERS_OUTLET_H

/* Text of old formats on its way to UTF-8: characters one by one, UTF-16, and bytes in a codepage. Code pages
 * are those whose converters the template has loaded (inspector/charset.h); text in another one makes the
 * document unread and shows its ASCII. */

#include "inspector/reader.h"

struct outlet {
    struct reading *reading;
    enum text_place place;
    bool stopped;  /* no more will be taken */
    uint32_t high; /* a surrogate that waits for its other half; 0 */
    size_t size;
    char bytes[512];
};

/* In the template. */
enum result outlet_prepare(struct problem *problem) MUST_USE;

void outlet_open(struct outlet *outlet, struct reading *reading, enum text_place place);
/* Flushes when the place changes. */
void outlet_place(struct outlet *outlet, enum text_place place);
void outlet_put(struct outlet *outlet, uint32_t character);
/* A unit of UTF-16; halves of a pair come one after the other. */
void outlet_put_utf16(struct outlet *outlet, uint16_t unit);
/* The byte's character in windows-1252. */
uint32_t outlet_latin(uint8_t byte);
void outlet_codepage(struct outlet *outlet, unsigned codepage, const void *bytes, size_t size);
void outlet_flush(struct outlet *outlet);

/* Little-endian UTF-16, or bytes in a codepage, into a string of UTF-8 that ends at the first NUL and is cut
 * to the room. */
void outlet_string(const void *bytes, size_t size, unsigned codepage, char *utf8, size_t room);

enum { CODEPAGE_UTF16 = 1200, CODEPAGE_UTF8 = 65001, CODEPAGE_LATIN = 1252 };

#endif
