# SPDX-License-Identifier: Apache-2.0
"""Compound files ([MS-CFB], version 3) of a tree of names: bytes are streams, dictionaries are storages."""
import struct

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT_MARK, NONE = 0xffffffff, 0xfffffffe, 0xfffffffd, 0xffffffff


def order(name):
    """As siblings are sorted: by length, then upper case."""
    return len(name), name.upper()


class Writer:
    def __init__(self, tree):
        self.sectors, self.fat, self.mini, self.mini_fat = [], [], b"", []
        self.entries = [["Root Entry", 5, NONE, NONE, NONE, END, 0]]
        self.entries[0][4] = self.add(tree)

    def add(self, tree):
        """Siblings as a tree that leans to one side: no reader needs it balanced."""
        first = NONE
        for name in sorted(tree, key=order, reverse=True):
            at = len(self.entries)
            self.entries.append([name, 1, NONE, first, NONE, END, 0])
            first = at
            if isinstance(tree[name], dict):
                self.entries[at][1] = 1
                self.entries[at][4] = self.add(tree[name])
            else:
                self.entries[at][1] = 2
                self.entries[at][5], self.entries[at][6] = self.store(tree[name])
        return first

    def store(self, data):
        if not data:
            return END, 0
        if len(data) >= CUTOFF:
            return self.chain(data), len(data)
        start = len(self.mini_fat)
        n = -(-len(data) // MINI)
        self.mini += data.ljust(n * MINI, b"\0")
        self.mini_fat += [start + i + 1 for i in range(n - 1)] + [END]
        return start, len(data)

    def chain(self, data):
        start, n = len(self.sectors), -(-len(data) // SECTOR)
        self.sectors += [data[i * SECTOR:(i + 1) * SECTOR].ljust(SECTOR, b"\0") for i in range(n)]
        self.fat += [start + i + 1 for i in range(n - 1)] + [END]
        return start

    def bytes(self):
        if self.mini:
            self.entries[0][5], self.entries[0][6] = self.chain(self.mini), len(self.mini)
        mini_fat = struct.pack(f"<{len(self.mini_fat)}I", *self.mini_fat)
        n_mini = -(-len(mini_fat) // SECTOR)
        mini_at = self.chain(mini_fat.ljust(n_mini * SECTOR, b"\xff")) if mini_fat else END
        directory = b"".join(self.entry(*entry) for entry in self.entries)
        directory = directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0")
        directory_at = self.chain(directory)
        n_fat = 1
        while (len(self.fat) + n_fat) * 4 > n_fat * SECTOR:
            n_fat += 1
        fat_at = list(range(len(self.sectors), len(self.sectors) + n_fat))
        table = self.fat + [FAT_MARK] * n_fat
        fat = struct.pack(f"<{len(table)}I", *table).ljust(n_fat * SECTOR, b"\xff")
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3e, 3, 0xfffe, 9, 6) + bytes(6)
        head += struct.pack("<IIIIIIIII", 0, n_fat, directory_at, 0, CUTOFF, mini_at, n_mini, END, 0)
        head += struct.pack(f"<{n_fat}I", *fat_at)
        return head.ljust(SECTOR, b"\xff") + b"".join(self.sectors) + fat

    @staticmethod
    def entry(name, kind, left, right, child, start, size):
        wide = name.encode("utf-16-le") + b"\0\0"
        return wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, left, right, child) + bytes(36) + \
            struct.pack("<IQ", start, size)


def compound(tree):
    return Writer(tree).bytes()
