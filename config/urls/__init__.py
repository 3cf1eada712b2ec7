"""Every address; each door has its own list."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import metrics, views
from refunds.api.hooks import gateway_hook
from returns.views import media

handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"

urlpatterns = [
    path("", include("config.urls.portal")),
    path("desk/", include("config.urls.desk")),
    path("warehouse/", include("config.urls.warehouse")),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("api/v1/", include("config.urls.api")),
    path("hooks/gateways/<slug:gateway>", gateway_hook, name="gateway-hook"),
    re_path(r"^api/", views.no_such_operation),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("media/<str:token>", media.photo, name="media"),
    path("live", views.live, name="live"),
    path("ready", views.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
]
