"""Everything the warehouse door opens."""

from django.urls import path

from inspections.views.warehouse import bench, dock, findings, parked, queues, repairs, scan
from refunds.views.warehouse.bench import cost

app_name = "warehouse"
urlpatterns = [
    path("", scan.scan, name="scan"),
    path("queue/<slug:name>/", queues.queue, name="queue"),
    path("repairs/", repairs.repairs, name="repairs"),
    path("repairs/plan/<uuid:uid>/", repairs.plan, name="repair-plan"),
    *(
        path(f"repairs/<uuid:uid>/{verb}/", repairs.step, {"verb": verb}, name=f"repair-{verb}")
        for verb in ("start", "done", "failed", "ship")
    ),
    path("receive/<str:code>/", dock.receive, name="receive"),
    path("park/", parked.park, name="park"),
    path("parked/", parked.parked_parcels, name="parked"),
    path("parked/<uuid:uid>/", parked.match, name="match"),
    path("inspect/<str:code>/", bench.inspect, {"cost": cost}, name="inspect"),
    path("returns/<str:code>/", findings.done, name="done"),
    path("inspections/<uuid:uid>/", findings.disposition, name="disposition"),
]
