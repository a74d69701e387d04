/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/readers.h"

#include "inspector/card_reader.h"
#include "inspector/html.h"
#include "inspector/plain.h"
#include "readers/archive.h"
#include "readers/cms.h"
#include "readers/ole.h"
#include "readers/pdf.h"
#include "readers/rtf.h"
#include "readers/tnef.h"
#include "readers/xml_document.h"

const struct reader *const readers_all[] = {
    &zipped_reader, &archive_reader, &packed_reader, &pdf_reader,  &xml_document_reader,
    &ole_reader,    &rtf_reader,     &html_reader,   &tnef_reader, &cms_reader,
    &card_reader,   &plain_reader,   NULL,
};
