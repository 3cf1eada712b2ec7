"""Everything the portal door opens."""

from django.urls import path

from insights.views import portal as insights
from refunds.views.portal import account, credit
from returns.views.portal import ask, guest, texts, track, withdraw, withdraw_receipt

app_name = "portal"
urlpatterns = [
    path("", guest.lookup, name="lookup"),
    path("return/items", ask.items, name="items"),
    path("return/options", ask.options, name="options"),
    path("return/review", ask.review, name="review"),
    path("r/<str:token>", track.tracking, name="tracking"),
    path("r/<str:token>/done", track.done, name="done"),
    path("r/<str:token>/cancel", track.cancel, name="cancel"),
    path("r/<str:token>/contest", track.contest, name="contest"),
    path("r/<str:token>/label", track.take_label, name="take-label"),
    path("r/<str:token>/photo", track.photo, name="photo"),
    path("r/<str:token>/label.pdf", track.label, name="label"),
    path("r/<str:token>/label.png", track.qr, name="qr"),
    path("r/<str:token>/account", account.account, name="account"),
    path("credit/<str:code>", credit.balance, name="credit"),
    path("withdraw", withdraw.withdraw, {"law": "eu"}, name="withdraw"),
    path("cancel-transaction", withdraw.withdraw, {"law": "il"}, name="cancel-transaction"),
    path("r/<str:token>/withdraw", withdraw.withdraw, {"law": "eu"}, name="withdraw-return"),
    path("r/<str:token>/cancel-transaction", withdraw.withdraw, {"law": "il"}, name="cancel-transaction-return"),
    path("withdraw/received/<str:token>", withdraw_receipt.received, name="withdraw-received"),
    path("withdraw/received/<str:token>/acknowledgement.pdf", withdraw_receipt.receipt_pdf, name="withdraw-pdf"),
    path("withdraw/received/<str:token>/contest", withdraw_receipt.contest, name="withdraw-contest"),
    path("policy", texts.policy, name="policy"),
    path("faq", insights.faq, name="faq"),
    path("accessibility", texts.accessibility, name="accessibility"),
    path("privacy", texts.privacy, name="privacy"),
    path("brand/<slug:code>.css", texts.brand, name="brand"),
]
