"""Helpers that submit the admin's forms."""

from __future__ import annotations

from django.urls import reverse

from soundscapes.models import BatchJob
from tests.queue import work_off


def page(name, *args) -> str:
    return reverse(f"admin:{name}", args=args)


def page_of(model, name, *args) -> str:
    return page(f"{model._meta.app_label}_{model._meta.model_name}_{name}", *args)


def report(answer) -> BatchJob:
    """Return the batch job that the response redirects to."""
    assert answer.status_code == 302, answer.context["form"].errors
    return BatchJob.objects.get(pk=answer.url.rstrip("/").split("/")[-2])


def done(batch_job) -> BatchJob:
    assert work_off() == []
    batch_job.refresh_from_db()
    return batch_job


def send_images(browser, image_set, *uploads, **fields):
    values = {"image_set": image_set.pk if image_set else "", "author": "Ada", **fields}
    return browser.post(page("image_upload"), values | {"chosen": list(uploads)})


def send_clips(browser, category, *uploads, **fields):
    credit = {"author": "Ada", "source": "My yard", "licence": "CC0"}
    values = {"category": category.pk, **credit, **fields}
    return browser.post(page("clip_upload"), values | {"chosen": list(uploads)})


def errors(answer) -> str:
    assert answer.status_code == 200
    return str(answer.context["form"].errors)


def form_errors(answer) -> str:
    """Return the errors of a rejected form."""
    assert answer.status_code == 200
    return str(answer.context["adminform"].form.errors)
