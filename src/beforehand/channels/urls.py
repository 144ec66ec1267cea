from django.urls import path, re_path

from beforehand.channels.views import chat, form, leaving, webhooks, widgets

app_name = "channels"
urlpatterns = [
    path("chat/<str:key>/widget.js", chat.LoaderView.as_view(), name="chat_loader"),
    path("chat/<str:key>/hello", chat.HelloView.as_view(), name="chat_hello"),
    path("chat/<str:key>/visitors", chat.VisitorsView.as_view(), name="chat_visitors"),
    path("chat/<str:key>/messages", chat.MessagesView.as_view(), name="chat_messages"),
    path("chat/<str:key>/files", chat.FilesView.as_view(), name="chat_files"),
    path("chat/<str:key>/files/<str:part>", chat.FileView.as_view(), name="chat_file"),
    path("chat/<str:key>/typing", chat.TypingView.as_view(), name="chat_typing"),
    path("chat/<str:key>/reading", chat.ReadingView.as_view(), name="chat_reading"),
    path("chat/<str:key>/resolution", chat.ResolutionView.as_view(), name="chat_resolution"),
    path("chat/<str:key>/person", chat.PersonView.as_view(), name="chat_person"),
    path("chat/<str:key>/form", form.FormView.as_view(), name="form"),
    path("settings/chat", widgets.WidgetsView.as_view(), name="widgets"),
    path("settings/chat/<int:pk>", widgets.WidgetView.as_view(), name="widget"),
    path("settings/chat/<int:pk>/secret", widgets.SecretView.as_view(), name="widget_secret"),
    path("settings/chat/<int:pk>/page", widgets.TryView.as_view(), name="try"),
    re_path(r"^mail/(?P<token>[a-z2-7]+)/(?P<kind>inbound|tracking)$", webhooks.WebhookView.as_view(), name="webhook"),
    path("leave/<str:token>", leaving.LeavingView.as_view(), name="leaving"),
]
