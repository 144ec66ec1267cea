"""One need while it is being traced: the steps it has entered, what went wrong, what helped."""

from operator import attrgetter

from beforehand.journey.needs.book import Way
from beforehand.journey.needs.shapes import Moment, NeedTrace, StepTrace, Trouble

ENTERED = attrgetter("entered")


class Course:
    """A need on its way. Moments come in order of time.

    `stays[i]` is the stay in step i, None before it is entered; `entered` and `done` have a bit for each step that was
    entered and that is behind, `place` is the current one. `moved` is the last moment that belonged to the need,
    `helped` what its customer used, `notices` when we told them something.
    """

    __slots__ = ("done", "entered", "helped", "moved", "need", "notices", "over", "place", "stays", "way")

    def __init__(self, way: Way, moment: Moment, key: str) -> None:
        time = moment.time
        self.way = way
        self.need = NeedTrace(way.kind, way.version, key, time, moment.id)
        self.stays: list[StepTrace | None] = [None] * len(way.names)
        self.entered = self.done = 0
        self.moved = time
        self.over = False
        self.helped: set[str] = set()
        self.notices: list[int] = []
        for place in way.first:
            self._enter(place, time)
        self._stand()

    @classmethod
    def resumed(cls, way: Way, need: NeedTrace) -> "Course":
        """A need that was traced before and is not over, on its way again."""
        course = cls.__new__(cls)
        course.way, course.need = way, need
        course.stays = [None] * len(way.names)
        course.entered = course.done = 0
        for stay in need.steps:
            place = way.names.index(stay.step)
            course.stays[place] = stay
            course.entered |= 1 << place
            if stay.left is not None:
                course.done |= 1 << place | way.before[place]
        course.moved = (need.abandoned or 0) - way.patience
        course.over, need.abandoned = False, None
        course.helped, course.notices = set(), []
        course._stand()
        return course

    @property
    def seen(self) -> int:
        """The last moment of which something is told."""
        return max([self.moved, *(stay.left for stay in self.stays if stay is not None and stay.left is not None)])

    def silent_at(self, time: int) -> bool:
        """Whether nothing had moved it for so long by then that it counted as abandoned."""
        return time - self.moved >= self.way.patience

    def step(self, place: int, moment: Moment) -> None:
        """The evidence of a step. What lies before it is passed; evidence of a step that is behind is a going back."""
        if self.done >> place & 1:
            self.go_back(moment.time)
            return
        way, stays, left = self.way, self.stays, [place]
        passed = way.before[place] & ~self.done
        if passed:
            left += [earlier for earlier in range(len(stays)) if passed >> earlier & 1]
            for earlier in left[1:]:
                self._leave(earlier, moment, "skipped")
        self._leave(place, moment, "jumped" if stays[place] is None else "done")
        for one in left:
            for later in way.then[one]:
                if stays[later] is None and not way.after[later] & ~self.done and not self.done >> later & 1:
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
            need.steps.sort(key=ENTERED)
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
        self.entered |= 1 << place
        self.stays[place] = StepTrace(way.names[place], time, None, None, "", 0, late)

    def _stand(self) -> None:
        """The current step is the first that was entered and is not done; −1 when there is none."""
        open_ = self.entered & ~self.done
        self.place = (open_ & -open_).bit_length() - 1

    def _leave(self, place: int, moment: Moment, outcome: str) -> None:
        self.done |= 1 << place
        stay = self.stays[place]
        if stay is None:
            if outcome != "jumped":
                return
            self.entered |= 1 << place
            stay = self.stays[place] = StepTrace(self.way.names[place], moment.time)
        time = moment.time
        stay.left, stay.by, stay.outcome = time, moment.id, outcome
        if stay.stuck_at is not None and stay.stuck_at >= time:
            stay.stuck_at = None

    def _close(self, moment: Moment, outcome: str) -> None:
        open_ = self.entered & ~self.done
        for place in range(len(self.stays)) if open_ else ():
            if open_ >> place & 1:
                self._leave(place, moment, outcome)
        self.place = -1
