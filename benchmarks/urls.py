"""Every address of the product, and those of the floor."""

from django.urls import path

from benchmarks import bare
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [
    path("bare/read/<str:code>", bare.read),
    path("bare/list", bare.listed),
    path("bare/write/<str:name>", bare.write),
    *product,
]
