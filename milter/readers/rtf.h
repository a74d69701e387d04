/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_RTF_H
#define KHATM_READERS_RTF_H

/* Rich Text Format (specification 1.9.1): text with its headers, notes and shapes, properties, embedded
 * objects and pictures. What one program reads over and another shows (text after the last brace, an object
 * that does not parse) is ambiguous. */

#include "inspector/reader.h"

extern const struct reader rtf_reader;

#endif
