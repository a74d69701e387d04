# SPDX-License-Identifier: Apache-2.0
"""Labs for the tests: one a configuration, started when first wanted, shared by all tests of the run. A test that
harms the daemon heals it, or takes a lab of its own."""

import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from gateway import Lab  # noqa: E402

FOLDER = pathlib.Path(tempfile.gettempdir())


class Labs:
    def __init__(self):
        self.shared, self.all = {}, []

    def get(self, *options):
        """The shared lab with these options."""
        if options not in self.shared:
            self.shared[options] = self.fresh(*options)
        return self.shared[options]

    def fresh(self, *options):
        """One more, for the caller alone."""
        return self.fresh_of(Lab, *options)

    def fresh_of(self, kind, *options):
        folder = tempfile.mkdtemp(prefix="khatm-lab-", dir=FOLDER)
        pathlib.Path(folder).chmod(0o755)
        lab = kind(folder, *options).up()
        self.all.append(lab)
        return lab

    def stop_one(self, lab):
        self.all.remove(lab)
        lab.down()
        reports = lab.sanitizer_reports()
        if reports:
            pytest.fail(f"sanitizer reports; the logs are kept in {lab.folder}:\n" + "\n".join(reports))
        shutil.rmtree(lab.folder, ignore_errors=True)

    def stop(self):
        complaints = []
        for lab in list(self.all):
            try:
                self.stop_one(lab)
            except pytest.fail.Exception as complaint:
                complaints.append(str(complaint))
        if complaints:
            pytest.fail("\n".join(complaints))


@pytest.fixture(scope="session")
def labs():
    held = Labs()
    yield held
    held.stop()


@pytest.fixture
def lab(labs):
    return labs.get()
