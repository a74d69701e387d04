# SPDX-License-Identifier: Apache-2.0
"""Papers as pictures: drawn by cairo, kept as PNG, JPEG, TIFF or as the only thing on the page of a PDF."""
import io
import struct
import zlib

import cairo


def paper(lines, width=620, height=877):
    """A page in grey: rows of bytes."""
    surface = cairo.ImageSurface(cairo.FORMAT_A8, width, height)
    page = cairo.Context(surface)
    page.select_font_face("DejaVu Sans")
    page.set_font_size(18)
    for number, line in enumerate(lines):
        page.move_to(60, 80 + 30 * number)
        page.show_text(line)
    surface.flush()
    data, stride = surface.get_data(), surface.get_stride()
    return [bytes(255 - value for value in data[row * stride:row * stride + width]) for row in range(height)]


def png(rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9))
            + chunk(b"IEND", b""))


def tiff(rows):
    """Deflate, one strip (TIFF 6.0, compression 8)."""
    data = zlib.compress(b"".join(rows), 9)
    width, height = len(rows[0]), len(rows)
    tags = ((256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 8), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 4, height),
            (279, 4, len(data)))
    start = 8 + len(data) + len(data) % 2
    table = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHI", tag, kind, 1) + (struct.pack("<I", value) if kind == 4 else struct.pack("<HH", value, 0))
        for tag, kind, value in tags) + struct.pack("<I", 0)
    return b"II*\0" + struct.pack("<I", start) + data + b"\0" * (len(data) % 2) + table


def pdf(pages, text=None):
    """Each page a picture; `text` is drawn in ink beside the first."""
    out = io.BytesIO()
    surface = cairo.PDFSurface(out, 595, 842)
    surface.set_metadata(cairo.PDF_METADATA_CREATE_DATE, "2026-01-05T10:00:00+00:00")
    page = cairo.Context(surface)
    for number, rows in enumerate(pages):
        width, height = len(rows[0]), len(rows)
        picture = cairo.ImageSurface(cairo.FORMAT_RGB24, width, height)
        picture.get_data()[:] = b"".join(bytes(v for value in row for v in (value, value, value, 0)) for row in rows)
        picture.mark_dirty()
        page.save()
        page.scale(595 / width, 842 / height)
        page.set_source_surface(picture)
        page.paint()
        page.restore()
        if text and not number:
            page.set_font_size(10)
            page.move_to(60, 820)
            page.show_text(text)
        page.show_page()
    surface.finish()
    return out.getvalue()


def jpeg(rows):
    """Baseline, grey, one Huffman code for all: each block only its mean, as strong compression leaves it."""
    width, height = len(rows[0]), len(rows)
    bits, last = [], 0
    for top in range(0, height, 8):
        for left in range(0, width, 8):
            block = [value for row in rows[top:top + 8] for value in row[left:left + 8]]
            mean = (sum(block) // len(block) - 128) * 8 // 64
            difference, last = mean - last, mean
            size = abs(difference).bit_length()
            bits.append(f"{size:04b}")
            if size:
                bits.append(f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}")
            bits.append("0")
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    data = bytes(int(stream[at:at + 8], 2) for at in range(0, len(stream), 8)).replace(b"\xff", b"\xff\0")

    def segment(marker, body):
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body
    sizes = bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))
    ends = bytes([1] + [0] * 15) + b"\0"
    return (b"\xff\xd8" + segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + segment(0xDB, b"\0" + b"\x40" * 64)
            + segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0") + segment(0xC4, b"\0" + sizes)
            + segment(0xC4, b"\x10" + ends) + segment(0xDA, b"\1\1\0\0\x3f\0") + data + b"\xff\xd9")
