"""One need while it is being traced: the steps it has entered, what went wrong, what helped."""

from beforehand.journey.needs.book import Way
from beforehand.journey.needs.shapes import Moment, NeedTrace, StepTrace, Trouble


class Course:
    """A need on its way. Moments come in order of time.

    `stays[i]` is the stay in step i, None before it is entered; `done` has the steps that are behind. `moved` is the
    last moment that belonged to the need, `helped` what its customer used, `notices` when we told them something.
    """

    __slots__ = ("done", "helped", "moved", "need", "notices", "over", "place", "stays", "way")

    def __init__(self, way: Way, moment: Moment, key: str) -> None:
        self.way = way
        self.need = NeedTrace(way.kind, way.version, key, moment.time, moment.id)
        self.stays: list[StepTrace | None] = [None] * len(way.steps)
        self.done: set[int] = set()
        self.place = -1
        self.moved = moment.time
        self.over = False
        self.helped: set[str] = set()
        self.notices: list[int] = []
        for place in way.first:
            self._enter(place, moment.time)
        self._stand()

    def silent_at(self, time: int) -> bool:
        """Whether nothing had moved it for so long by then that it counted as abandoned."""
        return time - self.moved >= self.way.patience

    def step(self, place: int, moment: Moment) -> None:
        """The evidence of a step. What lies before it is passed; evidence of a step that is behind is a going back."""
        if place in self.done:
            self.go_back(moment.time)
            return
        way, done = self.way, self.done
        behind = [place]
        if not way.before[place] <= done:
            behind += way.before[place] - done
            for earlier in behind[1:]:
                self._leave(earlier, moment, "skipped")
        self._leave(place, moment, "done" if self.stays[place] else "jumped")
        for one in behind:
            for later in way.then[one]:
                if self.stays[later] is None and later not in done and way.after[later] <= done:
                    self._enter(later, moment.time)
        self._stand()

    def go_back(self, time: int) -> None:
        """Something was done once more: so often beyond what is usual, and the customer is stuck."""
        stay = self.stays[self.place] if self.place >= 0 else None
        if stay is None:
            return
        stay.loops += 1
        limit = self.way.limits[self.place].loops
        if limit is not None and stay.loops > limit and (stay.stuck_at is None or stay.stuck_at > time):
            stay.stuck_at = time

    def trouble(self, moment: Moment) -> None:
        need = self.need
        need.trouble.append(Trouble(moment.id, moment.name, moment.time))
        if need.first_trouble is None:
            need.first_trouble = moment.time

    def meet(self, moment: Moment) -> None:
        self._close(moment, "skipped")
        self.need.met, self.need.met_by = moment.time, moment.id
        self.over = True

    def end(self, moment: Moment) -> None:
        """It will not be met: the customer or we gave it up."""
        self._close(moment, "ended")
        self.need.abandoned = moment.time
        self.over = True

    def fall_silent(self) -> None:
        """Nothing has moved it any more. The moment may lie ahead."""
        self.need.abandoned = self.moved + self.way.patience
        self.over = True

    def finish(self) -> NeedTrace:
        """The need with its steps in the order in which they were entered."""
        need = self.need
        if not self.over:
            self.fall_silent()
        need.steps = [stay for stay in self.stays if stay is not None]
        if len(need.steps) > 1:
            need.steps.sort(key=_entered)
        if need.met is None and self.place >= 0:
            self._say_where(self.place)
        return need

    def _say_where(self, place: int) -> None:
        stay = self.stays[place]
        if stay is not None and stay.left is None:
            need = self.need
            need.step, need.step_since = stay.step, stay.entered
            open_stays = [one for one in self.stays if one and one.left is None]
            stuck = min((one.stuck_at for one in open_stays if one.stuck_at is not None), default=None)
            if stuck is not None and (need.abandoned is None or stuck < need.abandoned):
                need.stuck_at = stuck

    def _enter(self, place: int, time: int) -> None:
        way = self.way
        wait = way.waits[place]
        late = None if wait is None else time + wait
        if way.target is not None and way.targets[place] is None:
            whole = max(time, self.need.opened + way.target)
            late = whole if late is None or whole < late else late
        self.stays[place] = StepTrace(way.steps[place].step, time, stuck_at=late)

    def _stand(self) -> None:
        """The current step is the first that was entered and is not done."""
        done = self.done
        for place, stay in enumerate(self.stays):
            if stay is not None and place not in done:
                self.place = place
                return
        self.place = -1

    def _leave(self, place: int, moment: Moment, outcome: str) -> None:
        self.done.add(place)
        stay = self.stays[place]
        if stay is None:
            if outcome != "jumped":
                return
            stay = self.stays[place] = StepTrace(self.way.steps[place].step, moment.time)
        stay.left, stay.by, stay.outcome = moment.time, moment.id, outcome
        if stay.stuck_at is not None and stay.stuck_at >= moment.time:
            stay.stuck_at = None

    def _close(self, moment: Moment, outcome: str) -> None:
        for place, stay in enumerate(self.stays):
            if stay is not None and stay.left is None:
                self._leave(place, moment, outcome)
        self.place = -1


def _entered(stay: StepTrace) -> int:
    return stay.entered
