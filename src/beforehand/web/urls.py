from django.urls import path

from beforehand.web.views import palette, settings

app_name = "web"
urlpatterns = [
    path("palette", palette.PaletteView.as_view(), name="palette"),
    path("keys", palette.KeysView.as_view(), name="keys"),
    path("settings", settings.SettingsView.as_view(), name="settings"),
]
