from django.urls import path

from beforehand.web.views import palette, parts, settings

app_name = "web"
urlpatterns = [
    path("palette", palette.PaletteView.as_view(), name="palette"),
    path("keys", palette.KeysView.as_view(), name="keys"),
    path("parts", parts.PartsView.as_view(), name="parts"),
    path("settings", settings.SettingsView.as_view(), name="settings"),
]
