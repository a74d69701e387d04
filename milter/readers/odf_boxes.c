/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/odf_boxes.h"

#include <stdlib.h>
#include <string.h>

/* Lengths in thousandths of a point. */
struct box {
    size_t start, end; /* in boxes.text */
    unsigned long page, order;
    long x, y, width, height;
};

/* In parts of a line's height. */
enum {
    NEXT_LINE_PERCENT = 60,
    EMPTY_LINE_PERCENT = 160,
    ACROSS_PERCENT = -50, /* pieces of one line hardly cover each other */
    BLANK_PERCENT = 15,   /* a gap from here on is a blank … */
    TAB_PERCENT = 300,    /* … and from here on a tab */
};

enum { DIGITS_MAX = 6, THOUSAND = 1000, LINE_HEIGHT_MAX = 72 * THOUSAND };

void boxes_init(struct boxes *boxes)
{
    buffer_init(&boxes->text, 0);
    buffer_init(&boxes->list, BOXES_MAX * sizeof(struct box));
}

void boxes_free(struct boxes *boxes)
{
    buffer_free(&boxes->text);
    buffer_free(&boxes->list);
}

/* Thousandths of the unit; no program writes more than DIGITS_MAX digits before the point. */
static long number(const char **at)
{
    long value = 0;
    int digits = 0, decimals = 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        if (digits++ < DIGITS_MAX)
            value = value * 10 + (**at - '0');
    if (**at == '.')
        ++*at;
    for (; **at >= '0' && **at <= '9'; ++*at)
        if (decimals < 3) {
            value = value * 10 + (**at - '0');
            decimals++;
        }
    for (; decimals < 3; decimals++)
        value *= 10;
    return value;
}

/* "2.5cm" (ISO 26300-3, 18.3.18) */
static long length(const struct xml_element *element, const char *name)
{
    static const struct {
        const char *unit;
        long points; /* thousandths */
    } units[] = {{"in", 72000}, {"cm", 28346}, {"mm", 2835}, {"pc", 12000}, {"px", 750}};
    char value[XML_VALUE_ROOM];
    const char *at = value;
    xml_value(element, name, value);
    bool below = *at == '-';
    at += below;
    long size = number(&at), points = THOUSAND;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (xml_is(at, units[i].unit))
            points = units[i].points;
    size = size * points / THOUSAND;
    return below ? -size : size;
}

static unsigned long count(const struct xml_element *element, const char *name)
{
    char value[XML_VALUE_ROOM];
    xml_value(element, name, value);
    return strtoul(value, NULL, 10);
}

void boxes_begin(struct part *part, const struct xml_element *frame)
{
    char anchor[XML_VALUE_ROOM];
    struct boxes *boxes = &part->boxes;
    xml_value(frame, "anchor-type", anchor);
    if (boxes->depth || !xml_is(anchor, "page") || part_top(part)->place != TEXT_SHAPE)
        return;
    const struct box box = {.start = boxes->text.size,
                            .page = count(frame, "anchor-page-number"),
                            .order = count(frame, "z-index"),
                            .x = length(frame, "x"),
                            .y = length(frame, "y"),
                            .width = length(frame, "width"),
                            .height = length(frame, "height")};
    buffer_append(&boxes->list, &box, sizeof box);
    if (boxes->list.failed) {
        reading_raise(part->reading, PART_UNREAD, "too many text boxes");
        return;
    }
    boxes->depth = part->depth;
    part->line_begun = false;
}

static struct box *all(const struct boxes *boxes, size_t *n_out)
{
    *n_out = boxes->list.size / sizeof(struct box);
    return (struct box *)boxes->list.bytes;
}

/* Without the end of its last paragraph. */
static void close_last(struct boxes *boxes)
{
    size_t n;
    struct box *last = all(boxes, &n) + n - 1;
    const char *text = buffer_text(&boxes->text);
    for (last->end = boxes->text.size; last->end > last->start && text[last->end - 1] == '\n';)
        last->end--;
    boxes->depth = 0;
}

void boxes_end(struct part *part)
{
    if (!part->boxes.depth || part->boxes.depth != part->depth)
        return;
    close_last(&part->boxes);
    part->line_begun = false;
}

static int by_order(const void *a, const void *b)
{
    const struct box *one = a, *other = b;
    if (one->page != other->page)
        return one->page < other->page ? -1 : 1;
    if (one->order != other->order)
        return one->order < other->order ? -1 : 1;
    return (one->start > other->start) - (one->start < other->start);
}

static long gap_between(const struct box *one, const struct box *other)
{
    long behind = other->x - (one->x + one->width), before = one->x - (other->x + other->width);
    return behind > before ? behind : before;
}

/* What parts a piece from the one before it, of one page. */
static const char *parting(const struct box *before, const struct box *box)
{
    long height = before->height < box->height ? before->height : box->height;
    long down = (box->y - before->y) * 100, gap = gap_between(before, box) * 100;
    if (down >= before->height * EMPTY_LINE_PERCENT)
        return "\n\n";
    if (labs(down) >= height * NEXT_LINE_PERCENT || gap < height * ACROSS_PERCENT ||
        before->height > LINE_HEIGHT_MAX || box->height > LINE_HEIGHT_MAX)
        return "\n";
    return gap < height * BLANK_PERCENT ? "" : gap < height * TAB_PERCENT ? " " : "\t";
}

static size_t count_on_page(const struct box *list, size_t n)
{
    size_t on_page = 1;
    while (on_page < n && list[on_page].page == list->page)
        on_page++;
    return on_page;
}

static size_t count_lines(const struct box *list, size_t n)
{
    size_t lines = 1;
    for (size_t i = 1; i < n; i++)
        lines += *parting(&list[i - 1], &list[i]) == '\n';
    return lines;
}

static bool tell_page(struct part *part, const struct box *list, size_t n, const char *end)
{
    enum text_place place = count_lines(list, n) < BOXES_OF_TEXT ? TEXT_SHAPE : TEXT_BODY;
    const char *text = buffer_text(&part->boxes.text);
    bool good = true;
    for (size_t i = 0; good && i < n; i++) {
        const char *parts = i ? parting(&list[i - 1], &list[i]) : "";
        good = reading_text(part->reading, place, parts, strlen(parts)) &&
               reading_text(part->reading, place, text + list[i].start, list[i].end - list[i].start);
    }
    return good && reading_text(part->reading, place, end, strlen(end));
}

/* Empty ones say nothing of where lines end. */
static size_t drop_empty(struct box *list, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (list[i].end > list[i].start)
            list[kept++] = list[i];
    return kept;
}

void boxes_tell(struct part *part)
{
    struct boxes *boxes = &part->boxes;
    size_t n;
    struct box *list = all(boxes, &n);
    if (!n || boxes->depth)
        return;
    if (boxes->text.failed)
        reading_raise(part->reading, PART_UNREAD, "too much in text boxes");
    n = drop_empty(list, n);
    qsort(list, n, sizeof *list, by_order);
    for (size_t i = 0, on_page; i < n && !part->stopped; i += on_page) {
        on_page = count_on_page(list + i, n - i);
        part->stopped = !tell_page(part, list + i, on_page, i + on_page < n ? "\f" : "\n");
    }
    buffer_clear(&boxes->text);
    buffer_clear(&boxes->list);
}

void boxes_finish(struct part *part)
{
    if (part->boxes.depth)
        close_last(&part->boxes);
    boxes_tell(part);
}
