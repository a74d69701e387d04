# SPDX-License-Identifier: Apache-2.0
"""A screen that nobody looks at, and the home of somebody with a key and a sealed message."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from display import Display  # noqa: E402
from gateway import BUILD, Lab  # noqa: E402
from pgp import stop_agent  # noqa: E402
import sealed_mail  # noqa: E402

PICTURES = BUILD / "clients"


@pytest.fixture(scope="session")
def sealed():
    """Paths in it are short, since there are sockets among them."""
    home, folder = pathlib.Path(tempfile.mkdtemp(prefix="khatm-clients-")), pathlib.Path(tempfile.mkdtemp(prefix="khatm-lab-"))
    folder.chmod(0o755)
    lab = Lab(folder).up()
    try:
        sealed_mail.prepare(lab, home)
        (home / "signed").write_bytes(sealed_mail.mbox(sealed_mail.through(lab, sealed_mail.signed(home / "gnupg"))))
    finally:
        lab.down()
        shutil.rmtree(folder, ignore_errors=True)
    yield home
    stop_agent(home / "gnupg")
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def display():
    PICTURES.mkdir(parents=True, exist_ok=True)
    missing = [name for name in ("Xvfb", "xdotool", "xclip", "import", "claws-mail", "thunderbird") if not shutil.which(name)]
    assert not missing, f"{missing} missing: contrib/debian/install-packages tests/clients/packages"
    screen = Display(PICTURES)
    yield screen
    screen.close()


@pytest.fixture
def environment(sealed, display):
    """Of a program on that screen."""
    return {**os.environ, "HOME": str(sealed), "GNUPGHOME": str(sealed / "gnupg"), "DISPLAY": display.name, "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8", "NO_AT_BRIDGE": "1"}


@pytest.fixture
def started(environment, tmp_path):
    """Starts programs, each a group of its own, and ends them."""
    running = []

    def start(*command, **more):
        with open(tmp_path / "log", "ab") as log:
            running.append(subprocess.Popen(command, env={**environment, **more}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True))
        return running[-1]

    yield start
    for one in running:
        try:
            os.killpg(one.pid, 15)
            one.wait(20)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(one.pid, 9)
            one.wait()
