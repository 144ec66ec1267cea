from django.urls import path

from beforehand.channels.views import chat, leaving

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
    path("leave/<str:token>", leaving.LeavingView.as_view(), name="leaving"),
]
