"""Everything the warehouse door opens."""

from django.urls import path

from inspections.views.warehouse import bench, dock, findings, parked, queues, scan

app_name = "warehouse"
urlpatterns = [
    path("", scan.scan, name="scan"),
    path("queue/<slug:name>/", queues.queue, name="queue"),
    path("receive/<str:code>/", dock.receive, name="receive"),
    path("park/", parked.park, name="park"),
    path("parked/", parked.parked_parcels, name="parked"),
    path("parked/<uuid:uid>/", parked.match, name="match"),
    path("inspect/<str:code>/", bench.inspect, name="inspect"),
    path("returns/<str:code>/", findings.done, name="done"),
    path("inspections/<uuid:uid>/", findings.disposition, name="disposition"),
]
