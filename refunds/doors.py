"""What the doors of money are made of."""

from __future__ import annotations

from django.http import HttpResponse

from refunds.actions.payout_files import content_of, file_name
from refunds.actions.payout_formats import KINDS
from refunds.models import PayoutFile


def download(file: PayoutFile) -> HttpResponse:
    """The file's bytes as an attachment that nobody caches. Raises WrongState."""
    kind = KINDS[file.format]
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(file)}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content_of(file), content_type=kind.media_type, headers=headers)
