# SPDX-License-Identifier: Apache-2.0
"""Delivery reports (RFC 3464) as who gets them reads them."""

import email
import email.policy


def report_about(raw, message_id):
    """The report in these bytes about that message, or None."""
    if b"multipart/report" not in raw or message_id.encode() not in raw:
        return None
    return email.message_from_bytes(raw, policy=email.policy.default)


def wait_report(lab, user, sent):
    found = lab.wait_mailbox(user, lambda raw: report_about(raw, sent.message_id))
    return report_about(found[0], sent.message_id)


def words_of(report):
    """What a report says, without its folds."""
    return " ".join("".join(part.get_content() for part in report.walk() if part.get_content_type() == "text/plain").split())


def is_without_content(report):
    """Nothing of the original but its header section."""
    kinds = [part.get_content_type() for part in report.walk()]
    return not {"message/rfc822", "application/pdf"}.intersection(kinds) and "JVBERi0" not in report.as_string()
