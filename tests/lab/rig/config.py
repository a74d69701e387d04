# SPDX-License-Identifier: Apache-2.0
"""khatm.conf and the registry of both gateways."""

from . import names
from .errors import LabError
