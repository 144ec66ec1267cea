from django.urls import path

from beforehand.web.views import palette

app_name = "web"
urlpatterns = [
    path("palette", palette.PaletteView.as_view(), name="palette"),
    path("keys", palette.KeysView.as_view(), name="keys"),
]
