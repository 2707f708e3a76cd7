"""Read-only admin of the queue's tables.

A schedule or message names a Python function to call, so write access could run arbitrary code.
"""

from django.contrib import admin
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success

from soundscapes.admin.support import OperationsAdmin

for model in (Schedule, OrmQ, Success, Failure):
    admin.site.unregister(model)


@admin.register(Schedule)
class ReadOnlyScheduleAdmin(OperationsAdmin, ScheduleAdmin):
    pass


@admin.register(OrmQ)
class ReadOnlyQueueAdmin(OperationsAdmin, QueueAdmin):
    pass


@admin.register(Success)
class ReadOnlyTaskAdmin(OperationsAdmin, TaskAdmin):
    pass


@admin.register(Failure)
class ReadOnlyFailAdmin(OperationsAdmin, FailAdmin):
    pass
