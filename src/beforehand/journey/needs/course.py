"""One need while it is being traced: the steps it has entered, what went wrong, what helped."""

from beforehand.journey.needs.book import Way
from beforehand.journey.needs.shapes import SECOND, Moment, NeedTrace, StepTrace, Trouble


class Course:
    """A need on its way. Moments come in order of time.

    `stays[i]` is the stay in step i, None before it is entered; `done` has the steps that are behind. `moved` is the
    last moment that belonged to the need, `helped` what its customer used, `notices` when we told them something.
    """

    __slots__ = ("done", "helped", "moved", "need", "notices", "place", "stays", "way")

    def __init__(self, way: Way, moment: Moment, key: str) -> None:
        self.way = way
        self.need = NeedTrace(way.kind, way.version, key, moment.time, moment.id)
        self.stays: list[StepTrace | None] = [None] * len(way.steps)
        self.done: set[int] = set()
        self.place = -1
        self.moved = moment.time
        self.helped: set[str] = set()
        self.notices: list[int] = []
        self._enter(moment.time)

    @property
    def over(self) -> bool:
        return self.need.met is not None or self.need.abandoned is not None

    def silent_at(self, time: int) -> bool:
        """Whether nothing had moved it for so long by then that it counted as abandoned."""
        return time - self.moved >= self.way.patience

    def step(self, place: int, moment: Moment) -> None:
        """The evidence of a step. What lies before it is passed; evidence of a step that is behind is a going back."""
        if place in self.done:
            self.go_back(moment.time)
            return
        for earlier in self.way.before[place] - self.done:
            self._leave(earlier, moment, "skipped")
        self._leave(place, moment, "done" if self.stays[place] else "jumped")
        self._enter(moment.time)

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

    def end(self, moment: Moment) -> None:
        """It will not be met: the customer or we gave it up."""
        self._close(moment, "ended")
        self.need.abandoned = moment.time

    def fall_silent(self) -> None:
        """Nothing has moved it any more. The moment may lie ahead."""
        self.need.abandoned = self.moved + self.way.patience

    def finish(self) -> NeedTrace:
        """The need with its steps in the order in which they were entered."""
        need = self.need
        if not self.over:
            self.fall_silent()
        entered = [(stay.entered, place) for place, stay in enumerate(self.stays) if stay is not None]
        stays = [self.stays[place] for _entered, place in sorted(entered)]
        need.steps = [stay for stay in stays if stay is not None]
        if need.met is None and self.place >= 0:
            self._stand(self.place)
        return need

    def _stand(self, place: int) -> None:
        stay = self.stays[place]
        if stay is not None and stay.left is None:
            need = self.need
            need.step, need.step_since = stay.step, stay.entered
            moments = [one.stuck_at for one in self.stays if one is not None and one.stuck_at is not None]
            stuck = min((moment for moment in moments), default=None)
            if stuck is not None and (need.abandoned is None or stuck < need.abandoned):
                need.stuck_at = stuck

    def _enter(self, time: int) -> None:
        """Enter every step that can be done now; the current one is the first that is not done."""
        way, stays, done = self.way, self.stays, self.done
        self.place = -1
        for place in range(len(stays)):
            if place in done:
                continue
            if stays[place] is None and way.after[place] <= done:
                stays[place] = StepTrace(way.steps[place].step, time, stuck_at=self._late(place, time))
            if self.place < 0 and stays[place] is not None:
                self.place = place

    def _late(self, place: int, time: int) -> int | None:
        """From when on a stay that begins at a time is too long: the target, or what the baseline says."""
        way = self.way
        target, late = way.targets[place], way.limits[place].late
        moments = []
        if target is not None:
            moments.append(time + target)
        elif way.target is not None:
            moments.append(max(time, self.need.opened + way.target))
        if late is not None:
            moments.append(time + int(late * SECOND))
        return min(moments) if moments else None

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
