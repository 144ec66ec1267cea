"""The page of the stages."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View

from beforehand.journey import stages
from beforehand.journey.catalogue import in_force
from beforehand.journey.models import Stage
from beforehand.lib import htmx
from beforehand.team.access import MemberView


class StagesPage(MemberView, View):
    needs = "may_configure"

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The list in place for htmx, else the page anew."""
        return shown(request) if htmx.wants_part(request) else redirect("journey:stages")


class StagesView(StagesPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        return shown(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """A new stage."""
        try:
            stages.add(request.POST.get("label", ""), self.me)
        except stages.BadStage as problem:
            return refused(request, problem)
        return self.answer(request)


class StageView(StagesPage):
    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Another name."""
        stage = get_object_or_404(Stage, key=key)
        try:
            stages.rename(stage, request.POST.get("label", ""), self.me)
            messages.success(request, _("Saved."))
        except stages.BadStage as problem:
            return refused(request, problem, stage)
        return self.answer(request)


class PositionView(StagesPage):
    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        stages.move(get_object_or_404(Stage, key=key), request.POST.get("to") == "earlier", self.me)
        return self.answer(request)


class RemovalView(StagesPage):
    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        stage = get_object_or_404(Stage, key=key)
        stages.remove(stage, self.me)
        messages.success(request, _("“%(label)s” is gone. Its names stand without a stage.") % {"label": stage.label})
        return self.answer(request)


def refused(request: HttpRequest, problem: stages.BadStage, stage: Stage | None = None) -> HttpResponse:
    """Why, beside what was typed."""
    messages.error(request, str(problem))
    return shown(request, stage, request.POST.get("label", ""), 200 if htmx.wants_part(request) else 422)


def shown(request: HttpRequest, wrong: Stage | None = None, typed: str = "", status: int = 200) -> HttpResponse:
    counted: dict[str, int] = {}
    for entry in in_force():
        if entry.stage:
            counted[entry.stage] = counted.get(entry.stage, 0) + 1
    rows = [
        (stage, counted.get(stage.key, 0), typed if stage == wrong else stage.label) for stage in Stage.objects.all()
    ]
    new = "" if wrong else typed
    context = {"title": _("Stages"), "rows": rows, "typed": new, "part": htmx.wants_part(request)}
    return htmx.render(request, "journey/stages.html", "journey/_stages.html", context, status)
