"""One dispatcher in a process of its own, on the test's database, to be killed."""

import django

django.setup()

from notifications.tasks import send_messages  # noqa: E402
from returns.outbox import dispatch_all  # noqa: E402

dispatch_all()
send_messages()
