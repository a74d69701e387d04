# SPDX-License-Identifier: Apache-2.0
"""The parts of the lab. ../lab is the command; names.py says who lives where."""
