from django.urls import path

from beforehand.journey.views import catalogue, companies, customers, failed, keys, live, stages
from beforehand.lib import paths  # noqa: F401

app_name = "journey"
urlpatterns = [
    path("customers", customers.CustomersView.as_view(), name="customers"),
    path("customers/as/<str:kind>/<path:value>", customers.KnownAsView.as_view(), name="known_as"),
    path("customers/<key:pk>", customers.CustomerView.as_view(), name="customer"),
    path("customers/<key:pk>/timeline", customers.TimelineView.as_view(), name="timeline"),
    path("companies/<key:pk>", companies.CompanyView.as_view(), name="company"),
    path("live", live.LiveView.as_view(), name="live"),
    path("settings/keys", keys.KeysView.as_view(), name="keys"),
    path("settings/keys/identity-secret", keys.IdentitySecretView.as_view(), name="identity_secret"),
    path("settings/keys/<int:pk>", keys.KeyView.as_view(), name="key"),
    path("settings/keys/<int:pk>/revocation", keys.RevocationView.as_view(), name="revocation"),
    path("settings/failed", failed.FailedView.as_view(), name="failed"),
    path("settings/failed/replays", failed.ReplaysView.as_view(), name="replays"),
    path("settings/failed/dismissals", failed.DismissalsView.as_view(), name="dismissals"),
    path("settings/failed/<int:pk>", failed.FailedMessageView.as_view(), name="failed_message"),
    path("settings/failed/<int:pk>/dismissal", failed.DismissalView.as_view(), name="dismissal"),
    path("settings/catalogue", catalogue.CatalogueView.as_view(), name="catalogue"),
    path("settings/stages", stages.StagesView.as_view(), name="stages"),
    path("settings/stages/<slug:key>", stages.StageView.as_view(), name="stage"),
    path("settings/stages/<slug:key>/position", stages.PositionView.as_view(), name="stage_position"),
    path("settings/stages/<slug:key>/removal", stages.RemovalView.as_view(), name="stage_removal"),
]
