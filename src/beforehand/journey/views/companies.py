"""A company: its people, and everything that happened with them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views import View

from beforehand.customers.models import Company
from beforehand.journey import account, lifeline, scores, strip, timeline, trend
from beforehand.team.access import MemberView


class CompanyView(MemberView, View):
    needs = "may_see_customers"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        company = get_object_or_404(Company, pk=pk)
        people = account.people_of(company)
        touchpoints = lifeline.of_customers([person.customer.pk for person in people.shown])
        life = lifeline.read(touchpoints)
        answers = scores.answers(touchpoints, life.names("feedback"))
        context = {
            "company": company,
            "traits": account.traits_of(company),
            "people": people.shown,
            "everybody": people,
            "courses": trend.by_stage(life, timezone.now()),
            "life": life,
            "strips": strip.draw(life, answers, timezone.now()),
            "stages": account.stages(life),
            "contacts": account.contacts(life, people.shown, timezone.now()),
            "timeline": timeline.read(touchpoints, life, request.GET.get("before", "")),
            "today": timezone.localdate(),
        }
        return render(request, "journey/companies/show.html", context)
