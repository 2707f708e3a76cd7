"""Admin deletion of rows with many dependent rows."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.contrib.auth import get_permission_codename
from django.db import router
from django.db.models import Model, QuerySet
from django.db.models.deletion import Collector, ProtectedError
from django.http import HttpRequest, HttpResponse


class CountedDeletion(admin.ModelAdmin[Any]):
    """Show the numbers of dependent rows instead of thousands of names.

    Dependent rows that the worker created need no permission of their own. Other rows, such as
    users' soundscapes of an image, do.
    """

    made_by_worker = ("similarity", "embedding", "layer", "preview")

    def get_deleted_objects(
        self, objs: Collection[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        rows = list(objs)
        if not rows:
            return [], {}, set(), []
        collector = Collector(using=router.db_for_write(rows[0]._meta.model))
        try:
            collector.collect(rows)
        except ProtectedError as error:
            return [], {}, set(), [str(each) for each in error.protected_objects]
        counts = {model: len(found) for model, found in collector.data.items()}
        for query in collector.fast_deletes:
            counts[query.model] = counts.get(query.model, 0) + query.count()
        lacking = {
            str(model._meta.verbose_name)
            for model, count in counts.items()
            if count and not self._may_delete(request, model)
        }
        summary = {
            str(model._meta.verbose_name_plural): count for model, count in counts.items() if count
        }
        return [str(row) for row in rows[:100]], summary, lacking, []

    @admin.action(description="Delete with their files", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return delete_selected(self, request, chosen)

    def _may_delete(self, request: HttpRequest, model: type[Model]) -> bool:
        meta = model._meta
        if meta.model_name in self.made_by_worker:
            return True
        codename = get_permission_codename("delete", meta)
        return request.user.has_perm(f"{meta.app_label}.{codename}")
