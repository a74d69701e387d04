/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_CMS_H
#define KHATM_READERS_CMS_H

/* What is signed or compressed and not encrypted (CMS, RFC 5652 5 and RFC 3274; S/MIME, RFC 8551 3.5.2 and
 * 3.6): the content of application/pkcs7-mime and of .p7m files is handed on, a MIME entity as a message, any
 * other file as it is. Signatures are not verified: whoever wrote it, it is a document. What stands beside
 * the content (certificates, signatures, attributes) may be CMS_BESIDE_MAX bytes long. */

#include "inspector/reader.h"

enum { CMS_BESIDE_MAX = 64 * 1024 };

extern const struct reader cms_reader;

#endif
