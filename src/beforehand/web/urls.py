from django.urls import path

from beforehand.web.views import home, palette, parts, settings

app_name = "web"
urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("palette", palette.PaletteView.as_view(), name="palette"),
    path("keys", palette.KeysView.as_view(), name="keys"),
    path("parts", parts.PartsView.as_view(), name="parts"),
    path("settings", settings.SettingsView.as_view(), name="settings"),
]
