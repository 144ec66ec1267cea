from django.urls import path

from beforehand.lib import paths  # noqa: F401
from beforehand.service.views import acts, bulk, choices, conversations, desk, files, own_page, settings, writing

app_name = "service"
CONVERSATION = "conversations/<key:pk>"
urlpatterns = [
    path("desk", desk.DeskView.as_view(), name="desk"),
    path("desk/rows", desk.RowsView.as_view(), name="rows"),
    path("desk/counts", desk.CountsView.as_view(), name="counts"),
    path("desk/waiting", desk.WaitingView.as_view(), name="waiting"),
    path("desk/next", desk.NextView.as_view(), name="next"),
    path("desk/completions", desk.CompletionsView.as_view(), name="completions"),
    path("desk/columns", desk.ColumnsView.as_view(), name="columns"),
    path("desk/choices/<slug:what>", choices.ChoicesView.as_view(), name="choices"),
    path("desk/every", bulk.EveryView.as_view(), name="every"),
    path("desk/acts", bulk.ActsView.as_view(), name="bulk"),
    path("desk/acts/preview", bulk.PreviewView.as_view(), name="bulk_preview"),
    path("desk/acts/undoing", bulk.UndoingView.as_view(), name="undo_last"),
    path("desk/acts/<key:pk>/undoing", bulk.UndoingView.as_view(), name="undoing"),
    path("files/<key:pk>", files.FileView.as_view(), name="file"),
    path(CONVERSATION, conversations.ConversationView.as_view(), name="conversation"),
    path(f"{CONVERSATION}/context", conversations.ContextView.as_view(), name="context"),
    path(f"{CONVERSATION}/clock", conversations.ClockView.as_view(), name="clock"),
    path(f"{CONVERSATION}/presence", conversations.PresenceView.as_view(), name="presence"),
    path(f"{CONVERSATION}/reading", conversations.ReadingView.as_view(), name="reading"),
    path(f"{CONVERSATION}/state", conversations.StateView.as_view(), name="state"),
    path(f"{CONVERSATION}/macros/<key:macro>", conversations.MacroView.as_view(), name="macro_text"),
    path(f"{CONVERSATION}/resolution", acts.ResolutionView.as_view(), name="resolution"),
    path(f"{CONVERSATION}/status", acts.StatusView.as_view(), name="status_of"),
    path(f"{CONVERSATION}/owner", acts.OwnerView.as_view(), name="owner"),
    path(f"{CONVERSATION}/team", acts.TeamView.as_view(), name="team_of"),
    path(f"{CONVERSATION}/priority", acts.PriorityView.as_view(), name="priority"),
    path(f"{CONVERSATION}/snooze", acts.SnoozeView.as_view(), name="snooze"),
    path(f"{CONVERSATION}/tags", acts.TagsView.as_view(), name="tags_of"),
    path(f"{CONVERSATION}/merge", acts.MergeView.as_view(), name="merge"),
    path(f"{CONVERSATION}/split", acts.SplitView.as_view(), name="split"),
    path(f"{CONVERSATION}/need", acts.NeedView.as_view(), name="need"),
    path(f"{CONVERSATION}/cause", acts.CauseView.as_view(), name="cause"),
    path(f"{CONVERSATION}/spam", acts.SpamView.as_view(), name="spam"),
    path(f"{CONVERSATION}/judgement", acts.JudgementView.as_view(), name="judgement"),
    path(f"{CONVERSATION}/fields", acts.FieldView.as_view(), name="fields_of"),
    path(f"{CONVERSATION}/bot", acts.BotView.as_view(), name="bot"),
    path(f"{CONVERSATION}/messages", writing.MessagesView.as_view(), name="messages"),
    path(f"{CONVERSATION}/messages/<key:message>/sending", writing.SendingView.as_view(), name="sending"),
    path(f"{CONVERSATION}/messages/<key:message>/frame", files.FrameView.as_view(), name="frame"),
    path(f"{CONVERSATION}/messages/<key:message>/original", files.OriginalView.as_view(), name="original"),
    path(f"{CONVERSATION}/notes", writing.NotesView.as_view(), name="notes"),
    path(f"{CONVERSATION}/sides", writing.SidesView.as_view(), name="sides"),
    path(f"{CONVERSATION}/draft", writing.DraftView.as_view(), name="draft"),
    path(f"{CONVERSATION}/draft/files", writing.DraftFilesView.as_view(), name="draft_files"),
    path(f"{CONVERSATION}/draft/files/<key:file>", writing.DraftFilesView.as_view(), name="draft_file"),
    path(f"{CONVERSATION}/promises", writing.SaidView.as_view(), name="said"),
    path("c/<str:token>", own_page.OwnPageView.as_view(), name="own_page"),
    path("c/<str:token>/messages", own_page.OwnMessagesView.as_view(), name="own_messages"),
    path("c/<str:token>/resolution", own_page.OwnResolutionView.as_view(), name="own_resolution"),
    path("c/<str:token>/reopening", own_page.OwnReopeningView.as_view(), name="own_reopening"),
    path("c/<str:token>/files/<str:part>", own_page.OwnFileView.as_view(), name="own_file"),
    path("settings/desk", settings.OwnDeskView.as_view(), name="own_desk"),
    path("settings/desk/availability", settings.AvailabilityView.as_view(), name="availability"),
]
for one in settings.SETTINGS:
    place = f"settings/desk/{one.slug}"
    urlpatterns += [
        path(place, settings.SettingsView.as_view(what=one), name=one.slug),
        path(f"{place}/<key:pk>", settings.SettingView.as_view(what=one), name=f"{one.slug}_one"),
        path(f"{place}/<key:pk>/removal", settings.RemovalView.as_view(what=one), name=f"{one.slug}_removal"),
    ]
