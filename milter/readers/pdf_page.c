/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/pdf_parts.h"

#include <string.h>

/* SCAN_LETTERS: so few may be a stamp, a page number or the name of the scanner's program beside a picture.
 * PICTURE_SHARE: of the page's area, a hundredth. */
enum { SCAN_LETTERS = 400, PICTURE_SHARE = 25, NOTES_MAX = 2000, FIELDS_MAX = 10000, FOREIGN_SHARE = 30 };

struct tally {
    size_t letters; /* all that is not blank */
    size_t foreign; /* of these, what stands for no letter: private use, controls, U+FFFD */
};

static struct tally count(const char *utf8)
{
    struct tally tally = {0, 0};
    for (; *utf8; utf8 += g_utf8_skip[(unsigned char)*utf8]) {
        gunichar c = g_utf8_get_char(utf8);
        if (g_unichar_isspace(c))
            continue;
        tally.letters++;
        tally.foreign += c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffd ||
                         g_unichar_type(c) == G_UNICODE_PRIVATE_USE ||
                         g_unichar_type(c) == G_UNICODE_UNASSIGNED;
    }
    return tally;
}

static bool is_mostly_picture(PopplerPage *page)
{
    double width, height, area = 0;
    GList *all = poppler_page_get_image_mapping(page);
    poppler_page_get_size(page, &width, &height);
    for (const GList *one = all; one; one = one->next) {
        const PopplerRectangle *box = &((const PopplerImageMapping *)one->data)->area;
        area += (box->x2 - box->x1) * (box->y2 - box->y1);
    }
    poppler_page_free_image_mapping(all);
    return area * 100 > width * height * PICTURE_SHARE;
}

static void read_text(struct reading *reading, PopplerPage *page)
{
    PopplerRectangle box;
    char *text = pdf_page_text(page);
    struct tally tally = count(text ? text : "");
    if (text && *text)
        (void)reading_text(reading, TEXT_BODY, text, strlen(text));
    g_free(text);
    bool drawn = !tally.letters && poppler_page_get_bounding_box(page, &box);
    bool pictured = tally.letters && tally.letters < SCAN_LETTERS && is_mostly_picture(page);
    if (drawn || pictured)
        reading_raise(reading, PART_UNREAD,
                      drawn ? "a page without text" : "a page that is mostly a picture");
    if ((drawn || pictured) && reading->recognise)
        pdf_recognise_page(reading, page, drawn);
    if (tally.foreign * 100 > tally.letters * FOREIGN_SHARE)
        reading_raise(reading, PART_UNREAD, "text in a font that does not tell its letters");
}

static const char *stamp_text(PopplerAnnotStampIcon icon)
{
    switch (icon) {
    case POPPLER_ANNOT_STAMP_ICON_APPROVED:
        return "APPROVED";
    case POPPLER_ANNOT_STAMP_ICON_AS_IS:
        return "AS IS";
    case POPPLER_ANNOT_STAMP_ICON_CONFIDENTIAL:
        return "CONFIDENTIAL";
    case POPPLER_ANNOT_STAMP_ICON_FINAL:
        return "FINAL";
    case POPPLER_ANNOT_STAMP_ICON_EXPERIMENTAL:
        return "EXPERIMENTAL";
    case POPPLER_ANNOT_STAMP_ICON_EXPIRED:
        return "EXPIRED";
    case POPPLER_ANNOT_STAMP_ICON_NOT_APPROVED:
        return "NOT APPROVED";
    case POPPLER_ANNOT_STAMP_ICON_NOT_FOR_PUBLIC_RELEASE:
        return "NOT FOR PUBLIC RELEASE";
    case POPPLER_ANNOT_STAMP_ICON_SOLD:
        return "SOLD";
    case POPPLER_ANNOT_STAMP_ICON_DEPARTMENTAL:
        return "DEPARTMENTAL";
    case POPPLER_ANNOT_STAMP_ICON_FOR_COMMENT:
        return "FOR COMMENT";
    case POPPLER_ANNOT_STAMP_ICON_FOR_PUBLIC_RELEASE:
        return "FOR PUBLIC RELEASE";
    case POPPLER_ANNOT_STAMP_ICON_TOP_SECRET:
        return "TOP SECRET";
    case POPPLER_ANNOT_STAMP_ICON_UNKNOWN:
    case POPPLER_ANNOT_STAMP_ICON_NONE:
        break;
    }
    return NULL;
}

static void read_stamp(struct reading *reading, PopplerAnnot *note, const char *contents)
{
    const char *text = stamp_text(poppler_annot_stamp_get_icon(POPPLER_ANNOT_STAMP(note)));
    pdf_say(reading, TEXT_SHAPE, text);
    if (!text && !(contents && *contents))
        reading_raise(reading, PART_UNREAD, "a stamp that is a drawing");
}

static void read_file_note(struct reading *reading, PopplerAnnot *note)
{
    PopplerAttachment *attachment =
        poppler_annot_file_attachment_get_attachment(POPPLER_ANNOT_FILE_ATTACHMENT(note));
    if (attachment) {
        pdf_read_attachment(reading, attachment);
        g_object_unref(attachment);
    } else
        (void)reading_closed(reading, NULL, PART_UNREAD, "a file that cannot be found");
}

static void read_note(struct reading *reading, PopplerAnnot *note)
{
    PopplerAnnotType type = poppler_annot_get_annot_type(note);
    enum text_place place =
        type == POPPLER_ANNOT_FREE_TEXT || type == POPPLER_ANNOT_STAMP ? TEXT_SHAPE : TEXT_NOTE;
    if (poppler_annot_get_flags(note) & (POPPLER_ANNOT_FLAG_HIDDEN | POPPLER_ANNOT_FLAG_NO_VIEW))
        place = TEXT_HIDDEN;
    char *contents = poppler_annot_get_contents(note);
    if (type == POPPLER_ANNOT_STAMP)
        read_stamp(reading, note, contents);
    else if (type == POPPLER_ANNOT_FILE_ATTACHMENT)
        read_file_note(reading, note);
    else if (type == POPPLER_ANNOT_SOUND || type == POPPLER_ANNOT_MOVIE || type == POPPLER_ANNOT_SCREEN ||
             type == POPPLER_ANNOT_3D)
        reading_raise(reading, PART_UNREAD, "a sound, film or model");
    /* What a field shows is its value. */
    if (type != POPPLER_ANNOT_WIDGET)
        pdf_say(reading, place, contents);
    g_free(contents);
    if (POPPLER_IS_ANNOT_MARKUP(note))
        pdf_say_owned(reading, place, poppler_annot_markup_get_subject(POPPLER_ANNOT_MARKUP(note)));
}

static void read_notes(struct reading *reading, PopplerPage *page)
{
    unsigned n = 0;
    GList *all = poppler_page_get_annot_mapping(page);
    for (const GList *one = all; one && budget_time(reading->budget); one = one->next) {
        if (++n > NOTES_MAX) {
            reading_raise(reading, PART_UNREAD, "too many notes");
            break;
        }
        read_note(reading, ((const PopplerAnnotMapping *)one->data)->annot);
    }
    poppler_page_free_annot_mapping(all);
}

static void read_field(struct reading *reading, PopplerFormField *field)
{
    switch (poppler_form_field_get_field_type(field)) {
    case POPPLER_FORM_FIELD_TEXT:
        pdf_say_owned(reading, TEXT_CELL, poppler_form_field_text_get_text(field));
        break;
    case POPPLER_FORM_FIELD_CHOICE:
        for (int i = 0; i < poppler_form_field_choice_get_n_items(field); i++)
            if (poppler_form_field_choice_is_item_selected(field, i))
                pdf_say_owned(reading, TEXT_CELL, poppler_form_field_choice_get_item(field, i));
        pdf_say_owned(reading, TEXT_CELL,
                      poppler_form_field_choice_is_editable(field) ? poppler_form_field_choice_get_text(field)
                                                                   : NULL);
        break;
    case POPPLER_FORM_FIELD_UNKNOWN:
    case POPPLER_FORM_FIELD_BUTTON:
    case POPPLER_FORM_FIELD_SIGNATURE:
        break;
    }
}

static void read_fields(struct reading *reading, PopplerPage *page)
{
    unsigned n = 0;
    GList *all = poppler_page_get_form_field_mapping(page);
    for (const GList *one = all; one && budget_time(reading->budget); one = one->next) {
        if (++n > FIELDS_MAX) {
            reading_raise(reading, PART_UNREAD, "too many fields");
            break;
        }
        read_field(reading, ((const PopplerFormFieldMapping *)one->data)->field);
    }
    poppler_page_free_form_field_mapping(all);
}

void pdf_read_page(struct reading *reading, PopplerPage *page)
{
    read_text(reading, page);
    (void)reading_text(reading, TEXT_BODY, "\n", 1);
    read_notes(reading, page);
    read_fields(reading, page);
    (void)reading_text(reading, TEXT_BODY, "\f", 1);
}
