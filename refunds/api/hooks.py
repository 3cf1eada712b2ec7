"""The door for gateways' webhooks: no login and no form, the signature is the key."""

from __future__ import annotations

import logging

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from refunds.actions.gates import gateway_for
from refunds.actions.notices import hear
from refunds.gateways.base import BadSignature

logger = logging.getLogger(__name__)

MOST_BYTES = 1 << 20


@csrf_exempt
@require_POST
def gateway_hook(request: HttpRequest, gateway: str) -> JsonResponse:
    """Take in a gateway's events: 200 when kept, also for what is not ours; 400 where the signature is wrong.

    An event that comes again is answered alike and does nothing. Which gateways there are is told to nobody.
    """
    if len(request.body) > MOST_BYTES:
        return _said(400, "too_long")
    try:
        notices = gateway_for(gateway).notices(request.body, request.headers)
    except BadSignature:
        return _said(400, "bad_signature")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        logger.warning("a signed webhook of %s could not be read: %s", gateway, error)
        return _said(400, "unreadable")
    new = sum(hear(gateway, notice) for notice in notices)
    return JsonResponse({"events": len(notices), "new": new})


def _said(status: int, code: str) -> JsonResponse:
    return JsonResponse({"code": code}, status=status)


gateway_hook.grant = "signed"  # type: ignore[attr-defined]
