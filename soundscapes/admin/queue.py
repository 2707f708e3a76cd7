"""The queue's own tables: to be looked at and cleared, never written.

A schedule names any function of Python to be called, and a message is a call: whoever could write
one here would run what they like on the server.
"""

from django.contrib import admin
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success

from soundscapes.admin.support import ReadOnlyAdmin

for model in (Schedule, OrmQ, Success, Failure):
    admin.site.unregister(model)


@admin.register(Schedule)
class ReadOnlyScheduleAdmin(ReadOnlyAdmin, ScheduleAdmin):
    pass


@admin.register(OrmQ)
class ReadOnlyQueueAdmin(ReadOnlyAdmin, QueueAdmin):
    pass


@admin.register(Success)
class ReadOnlyTaskAdmin(ReadOnlyAdmin, TaskAdmin):
    pass


@admin.register(Failure)
class ReadOnlyFailAdmin(ReadOnlyAdmin, FailAdmin):
    pass
