# SPDX-License-Identifier: Apache-2.0
"""The tree as the checks see it: which files there are and how make compiles each."""

import collections
import concurrent.futures
import fnmatch
import os
import pathlib
import shlex
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
Line = collections.namedtuple("Line", "folder source flags")


def compile_lines(build):
    """One Line a C source of the programs."""
    subprocess.run(["make", "-s", f"BUILD={build}", "compile-lines"], cwd=TOP, check=True)
    lines = []
    for text in pathlib.Path(build, "compile-lines").read_text().splitlines():
        if text:
            folder, source, flags = text.split("|", 2)
            lines.append(Line(folder, source, shlex.split(flags)))
    return lines


def listed_by_git(patterns):
    """None where git is not installed or this is no checkout: a release archive."""
    try:
        listing = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=TOP,
                                 capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return listing.stdout.splitlines() if listing.returncode == 0 else None


def tracked(*patterns):
    """Files of the project (known to git, or about to be), relative to its top."""
    names = listed_by_git(patterns)
    if names is None:
        every = [str(path.relative_to(TOP)) for path in TOP.rglob("*") if path.is_file()]
        names = [name for name in every if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
    return sorted(name for name in set(names) if (TOP / name).is_file() and not name.startswith(("build/", ".git/"))
                  and "__pycache__" not in name)


def in_parallel(commands, passed=lambda label: None):
    """[(label, command)] → complaints, in order; a command complains by its exit status. What does not is told to
    `passed`, from the thread that ran it."""
    def one(item):
        label, command = item
        done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            return f"{label}:\n{done.stdout}"
        passed(label)
        return None
    return [complaint for complaint in mapped_in_parallel(one, commands) if complaint]


def mapped_in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def finish(complaints):
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
