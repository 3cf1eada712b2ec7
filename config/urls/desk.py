"""Everything the desk door opens."""

from typing import Any

from django.urls import path

from insights.views.desk import backtests
from inspections.views import desk as inspections
from notifications.views import desk as notifications
from refunds.views.desk import approvals, breaks, coupons, credits, decide, exchanges, goodwill, payments, payout_files
from returns.views.desk import commands, parked, phone, policies, policy_editor, queue

# what apps to the right add to a return's page
PANELS: dict[str, Any] = {"panels": (inspections.bench, decide.panel, exchanges.panel, coupons.panel)}
# and to the page of a policy's version
OF_POLICY: dict[str, Any] = {"panels": (backtests.panel,)}

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("authorize/", queue.authorize_chosen, name="authorize-chosen"),
    path("returns/", queue.find, name="search"),
    path("returns/new/", phone.new_return, name="new-return"),
    path("returns/<str:code>/", commands.one, PANELS, name="return"),
    path("returns/<str:code>/authorize/", commands.command("authorize", "authorize-some"), PANELS, name="authorize"),
    path("returns/<str:code>/decline/", commands.command("decline"), PANELS, name="decline"),
    path("returns/<str:code>/cancel/", commands.command("cancel"), PANELS, name="cancel"),
    path("returns/<str:code>/reopen/", commands.command("reopen"), PANELS, name="reopen"),
    path("returns/<str:code>/close-short/", commands.command("close-short"), PANELS, name="close-short"),
    path("returns/<str:code>/lost/", commands.command("lost"), PANELS, name="lost"),
    path("returns/<str:code>/keep/", commands.command("keep"), PANELS, name="keep"),
    path("returns/<str:code>/close/", commands.command("close"), PANELS, name="close"),
    path("returns/<str:code>/note/", commands.command("note"), PANELS, name="note"),
    path("returns/<str:code>/comment/", commands.command("comment"), PANELS, name="comment"),
    path("returns/<str:code>/label/", commands.command("label"), PANELS, name="label"),
    path("returns/<str:code>/own-shipment/", commands.command("own-shipment"), PANELS, name="own-shipment"),
    path("returns/<str:code>/reimburse/", decide.reimburse, name="reimburse"),
    path("shipments/<uuid:uid>/void/", commands.void, PANELS, name="void"),
    path("shipments/<uuid:uid>/label.pdf", commands.label, {"kind": "pdf"}, name="label-pdf"),
    path("shipments/<uuid:uid>/label.zpl", commands.label, {"kind": "zpl"}, name="label-zpl"),
    path("shipments/<uuid:uid>/label.png", commands.label, {"kind": "png"}, name="label-png"),
    path("orders/<uuid:uid>/", goodwill.order, name="order"),
    path("orders/<uuid:uid>/goodwill/", goodwill.goodwill, name="goodwill"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("reimbursements/<uuid:uid>/approve/", approvals.approve, PANELS, name="approve"),
    path("reimbursements/<uuid:uid>/reject/", approvals.reject, PANELS, name="reject"),
    path("exchanges/", exchanges.exchanges, name="exchanges"),
    path("exchanges/<uuid:uid>/ship/", exchanges.ship, PANELS, name="exchange-ship"),
    path("exchanges/<uuid:uid>/go-on/", exchanges.go_on, PANELS, name="exchange-go-on"),
    path("exchanges/<uuid:uid>/advance/", exchanges.advance, PANELS, name="exchange-advance"),
    path("exchanges/<uuid:uid>/cancel/", exchanges.cancel, PANELS, name="exchange-cancel"),
    path("exchanges/<uuid:uid>/convert/", exchanges.convert, PANELS, name="exchange-convert"),
    path("charges/<uuid:uid>/paid/", exchanges.charge_paid, PANELS, name="charge-paid"),
    path("charges/<uuid:uid>/given-back/", exchanges.charge_back, PANELS, name="charge-back"),
    path("payments/", payments.payments, name="payments"),
    path("payout-files/", payout_files.files, name="payout-files"),
    path("payout-files/new/", payout_files.new_file, name="new-payout-file"),
    path("payout-files/<uuid:uid>/", payout_files.one, name="payout-file"),
    path("payout-files/<uuid:uid>/content", payout_files.content, name="payout-content"),
    path("payout-files/<uuid:uid>/paid/", payout_files.paid, name="pay-payout-file"),
    path("payout-files/<uuid:uid>/cancel/", payout_files.cancel, name="cancel-payout-file"),
    path("refunds/<uuid:uid>/paid/", payments.paid, PANELS, name="mark-paid"),
    path("refunds/<uuid:uid>/otherwise/", payments.otherwise, name="pay-otherwise"),
    path("breaks/", breaks.breaks, name="breaks"),
    path("breaks/<int:pk>/close/", breaks.close, name="close-break"),
    path("breaks/<int:pk>/retry/", breaks.retry, name="retry-break"),
    path("breaks/<int:pk>/adopt/", breaks.adopt, name="adopt-break"),
    path("refunds/<uuid:uid>/retry/", payments.retry, PANELS, name="retry-refund"),
    path("credits/", credits.credits, name="credits"),
    path("credits/new/", credits.issue, name="new-credit"),
    path("credits/<str:code>/", credits.one, name="credit"),
    path("credits/<str:code>/void/", credits.void, name="void-credit"),
    path("credits/<str:code>/approve/", credits.approve, name="approve-credit"),
    path("credits/<str:code>/cash/", credits.cash, name="cash-credit"),
    path("returns/<str:code>/coupon/", coupons.coupon, name="coupon"),
    path("parcels/", inspections.parcels, name="unidentified"),
    path("parcels/<uuid:uid>/", inspections.parcel, name="parcel"),
    path("parcels/<uuid:uid>/match/", inspections.match, name="match"),
    path("events/", parked.parked, name="parked-events"),
    path("events/<int:pk>/retry/", parked.retry, name="retry-event"),
    path("policy/", policies.versions, name="policies"),
    path("policy/<uuid:uid>/", policies.version, OF_POLICY, name="policy"),
    path("policy/<uuid:uid>/edit/", policy_editor.edit, name="edit-policy"),
    path("policy/<uuid:uid>/draft/", policies.draft, name="draft-policy"),
    path("policy/<uuid:uid>/publish/", policies.publish, OF_POLICY, name="publish-policy"),
    path("policy/<uuid:uid>/restore/", policies.restore, OF_POLICY, name="restore-policy"),
    path("policy/<uuid:uid>/backtest/", backtests.start, OF_POLICY, name="backtest"),
    path("messages/", notifications.message_list, name="outbox"),
    path("messages/<int:pk>/", notifications.message_page, name="message"),
    path("messages/<int:pk>/html", notifications.message_html, name="message_html"),
    path("messages/<int:pk>/resend", notifications.resend, name="resend"),
]
