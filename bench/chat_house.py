"""A house for the chat benchmark: a widget with visitors, teams with agents. Prints what the other side needs, as JSON.

`python -m bench.chat_house DATA AGENTS VISITORS TALKING`: so many of the visitors have a conversation.
"""

import json
import os
import sys


def main(data: str, agents: int, visitors: int, talking: int) -> None:
    os.environ["BEFOREHAND_DATA"] = data
    os.environ["DJANGO_SETTINGS_MODULE"] = "beforehand.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from beforehand.channels.chat.visitors import Introduction, meet
    from beforehand.channels.models import ChatWidget
    from beforehand.service import chats
    from beforehand.team.models import ApiToken, Member, Team, TeamMember

    call_command("migrate", verbosity=0)
    teams = [Team.objects.create(name=f"Team {number}") for number in range(max(1, agents // 20))]
    widgets = [ChatWidget.make(name=team.name, team=team)[0] for team in teams]
    told: dict[str, list[object]] = {"agents": [], "visitors": []}
    for number in range(agents):
        member = Member.objects.create_user(f"agent{number}@example.org", name=f"Agent {number}", role="agent")
        team = teams[number % len(teams)]
        TeamMember.objects.create(team=team, member=member)
        client = Client()
        client.force_login(member)
        token = ApiToken.make(member, "bench", ["conversations:read", "conversations:write"])[1]
        told["agents"].append({"cookie": client.cookies["sessionid"].value, "token": token, "team": team.pk})
    for number in range(visitors):
        widget = widgets[number % len(widgets)]
        visitor, token = meet(widget, Introduction(language="en"))
        conversation = 0
        if number < talking:
            chats.said(visitor, None, f"Visitor {number} asks something")
            conversation = chats.of_visitor(visitor).get().pk
        one = {"key": widget.key, "token": token, "conversation": conversation, "team": widget.team_id}
        told["visitors"].append(one)
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
