"""Every operation of the REST API, version 1."""

from django.urls import path

from customers.api import jobs, orders, products
from insights import api as insights
from inspections import api as inspections
from refunds import api as refunds
from refunds.api import exchanges
from returns.api import parcels, policies
from returns.api import returns as rmas

app_name = "api"
urlpatterns = [
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders/import", orders.ImportOrders.as_view(), name="orders-import"),
    path("orders/<uuid:uid>", orders.OneOrder.as_view(), name="order"),
    path("orders/<uuid:uid>/refundable", refunds.Refundable.as_view(), name="order-refundable"),
    path("orders/<uuid:uid>/goodwill", refunds.Goodwill.as_view(), name="goodwill"),
    path("orders/<uuid:uid>/goodwill/preview", refunds.PreviewGoodwill.as_view(), name="goodwill-preview"),
    path("jobs/<uuid:uid>", jobs.OneJob.as_view(), name="job"),
    path("products", products.Products.as_view(), name="products"),
    path("returns", rmas.Returns.as_view(), name="returns"),
    path("returns/<str:rma>", rmas.OneReturn.as_view(), name="return"),
    path("returns/<str:rma>/events", rmas.ReturnEvents.as_view(), name="return-events"),
    path("returns/<str:rma>/authorize", rmas.Authorize.as_view(), name="authorize"),
    path("returns/<str:rma>/decline", rmas.Decline.as_view(), name="decline"),
    path("returns/<str:rma>/cancel", rmas.Cancel.as_view(), name="cancel"),
    path("returns/<str:rma>/close-short", rmas.CloseShort.as_view(), name="close-short"),
    path("returns/<str:rma>/lost", rmas.Lost.as_view(), name="lost"),
    path("returns/<str:rma>/keep", rmas.Keep.as_view(), name="keep"),
    path("returns/<str:rma>/close", rmas.Close.as_view(), name="close"),
    path("returns/<str:rma>/reopen", rmas.Reopen.as_view(), name="reopen"),
    path("returns/<str:rma>/notes", rmas.Notes.as_view(), name="notes"),
    path("returns/<str:rma>/photos", parcels.Photos.as_view(), name="photos"),
    path("returns/<str:rma>/shipments", parcels.Shipments.as_view(), name="shipments"),
    path("returns/<str:rma>/own-shipment", parcels.OwnShipment.as_view(), name="own-shipment"),
    path("returns/<str:rma>/receipts", inspections.Receipts.as_view(), name="receipts"),
    path("returns/<str:rma>/inspections", inspections.Inspections.as_view(), name="inspections"),
    path("returns/<str:rma>/reimbursements", refunds.Reimbursements.as_view(), name="reimbursements"),
    path("returns/<str:rma>/reimbursements/preview", refunds.Preview.as_view(), name="reimbursement-preview"),
    path("returns/<str:rma>/exchange", exchanges.ExchangeOfReturn.as_view(), name="return-exchange"),
    path("exchanges", exchanges.Exchanges.as_view(), name="exchanges"),
    path("exchanges/<uuid:uid>", exchanges.OneExchange.as_view(), name="exchange"),
    path("exchanges/<uuid:uid>/ship", exchanges.ShipExchange.as_view(), name="exchange-ship"),
    path("exchanges/<uuid:uid>/cancel", exchanges.CancelExchange.as_view(), name="exchange-cancel"),
    path("exchanges/<uuid:uid>/convert", exchanges.ConvertExchange.as_view(), name="exchange-convert"),
    path("charges/<uuid:uid>/paid", exchanges.ChargePaid.as_view(), name="charge-paid"),
    path("charges/<uuid:uid>/given-back", exchanges.ChargeGivenBack.as_view(), name="charge-given-back"),
    path("shipments/<uuid:uid>", parcels.OneShipment.as_view(), name="shipment"),
    path("shipments/<uuid:uid>/label.pdf", parcels.LabelPdf.as_view(), name="label-pdf"),
    path("shipments/<uuid:uid>/label.zpl", parcels.LabelZpl.as_view(), name="label-zpl"),
    path("shipments/<uuid:uid>/label.png", parcels.LabelPng.as_view(), name="label-png"),
    path("shipments/<uuid:uid>/void", parcels.VoidShipment.as_view(), name="void"),
    path("shipments/<uuid:uid>/tracking", parcels.Tracking.as_view(), name="tracking"),
    path("receipts", inspections.ParkedReceipts.as_view(), name="parked-receipts"),
    path("receipts/lookup", inspections.Lookup.as_view(), name="lookup"),
    path("receipts/<uuid:uid>/match", inspections.Match.as_view(), name="match"),
    path("receipts/<uuid:uid>/photos", inspections.ReceiptPhotos.as_view(), name="receipt-photos"),
    path("inspections/<uuid:uid>/disposition", inspections.Correct.as_view(), name="disposition"),
    path("locations", inspections.Locations.as_view(), name="locations"),
    path("stock-movements", inspections.Movements.as_view(), name="stock-movements"),
    path("reimbursements/<uuid:uid>", refunds.OneReimbursement.as_view(), name="reimbursement"),
    path("reimbursements/<uuid:uid>/approve", refunds.Approve.as_view(), name="approve"),
    path("reimbursements/<uuid:uid>/reject", refunds.Reject.as_view(), name="reject"),
    path("refunds/<uuid:uid>", refunds.OneRefund.as_view(), name="refund"),
    path("refunds/<uuid:uid>/mark-paid", refunds.MarkPaid.as_view(), name="mark-paid"),
    path("refunds/<uuid:uid>/retry", refunds.Retry.as_view(), name="retry"),
    path("store-credits", refunds.StoreCredits.as_view(), name="store-credits"),
    path("store-credits/<str:code>", refunds.OneStoreCredit.as_view(), name="store-credit"),
    path("store-credits/<str:code>/entries", refunds.CreditEntries.as_view(), name="store-credit-entries"),
    path("store-credits/<str:code>/redemptions", refunds.Redemptions.as_view(), name="redemptions"),
    path(
        "store-credits/<str:code>/redemptions/<path:reference>/reverse",
        refunds.ReverseRedemption.as_view(),
        name="reverse-redemption",
    ),
    path("store-credits/<str:code>/void", refunds.VoidCredit.as_view(), name="void-store-credit"),
    path("store-credits/<str:code>/cash-out", refunds.CashOut.as_view(), name="cash-out"),
    path("policies", policies.Policies.as_view(), name="policies"),
    path("policies/<uuid:uid>/publish", policies.PublishPolicy.as_view(), name="publish"),
    path("policies/<uuid:uid>/backtest", insights.BacktestPolicy.as_view(), name="backtest"),
]
