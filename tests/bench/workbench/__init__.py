# SPDX-License-Identifier: Apache-2.0
"""The parts of the bench. ../bench is the command; plan.py says what is measured."""
