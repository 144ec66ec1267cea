from django.urls import path
from django.views.generic import RedirectView

from beforehand.team.views import audit, members, profile, tokens, welcome, workspace

app_name = "team"
urlpatterns = [
    path("settings/members", members.MembersView.as_view(), name="members"),
    path("settings/members/<int:pk>/role", members.RoleView.as_view(), name="role"),
    path("settings/members/<int:pk>/link", members.LinkView.as_view(), name="link"),
    path("settings/members/<int:pk>/departure", members.DepartureView.as_view(), name="departure"),
    path("settings/members/<int:pk>/return", members.ReturnView.as_view(), name="return"),
    path("settings/workspace", workspace.WorkspaceView.as_view(), name="workspace"),
    path("settings/profile", profile.ProfileView.as_view(), name="profile"),
    path("settings/tokens", tokens.TokensView.as_view(), name="tokens"),
    path("settings/tokens/<int:pk>/revocation", tokens.TokenRevocationView.as_view(), name="token_revocation"),
    path("settings/audit", audit.AuditView.as_view(), name="audit"),
    path("welcome/<str:token>", welcome.WelcomeView.as_view(), name="welcome"),
    # An address belongs to its member and is not managed by allauth.
    path("account/email/", RedirectView.as_view(pattern_name="team:profile")),
]
