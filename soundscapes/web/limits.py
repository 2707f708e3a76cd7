"""Limits of an account, for display as meters."""

from dataclasses import dataclass

from soundscapes.jobs.kinds import count_unfinished
from soundscapes.limits import quotas, storage
from soundscapes.limits.quotas import Kind, Quota
from soundscapes.models import User

NEAR = 0.8  # the fraction of a limit from which the studio shows it
NAMES = {Kind.UPLOAD: "Uploads", Kind.GENERATE: "Requested soundscapes"}
REACHED = {Kind.UPLOAD: "Upload limit reached", Kind.GENERATE: "Soundscape limit reached"}


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    used: int
    limit: int
    words: str
    reached: str = "Storage limit reached."

    @property
    def is_reached(self) -> bool:
        return self.used >= self.limit

    @property
    def is_near(self) -> bool:
        return self.used >= self.near

    @property
    def near(self) -> float:
        return NEAR * self.limit


def limits_of(user: User) -> list[Limit]:
    """Return the storage limit and the quotas of requests from pages."""
    usage = storage.usage(user)
    taken = f"{storage.in_words(usage.used)} of {storage.in_words(usage.limit)}"
    counted = [_counted(quota) for quota in quotas.left(user) if quota.kind in NAMES]
    return [Limit("Storage", usage.used, usage.limit, taken), *counted]


def unfinished_jobs(user: User) -> Limit:
    count, most = count_unfinished(user).own, user.allowance.jobs
    return Limit("Unfinished jobs", count, most, f"{count} of {most} at a time")


def _counted(quota: Quota) -> Limit:
    within = quotas.WINDOWS.get(quota.window, f"{quota.window} seconds")
    again = quotas.in_words(quota.resets_in)
    words = f"{quota.used} of {quota.limit} within {within}; resets in {again}"
    reached = f"{REACHED[quota.kind]}; resets in {again}."
    return Limit(NAMES[quota.kind], quota.used, quota.limit, words, reached)
