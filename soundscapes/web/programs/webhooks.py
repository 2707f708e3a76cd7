"""Webhooks and their deliveries."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soundscapes.http.access import delivery_or_404, owned_or_404, signed_in_user
from soundscapes.limits.grants import TooManyError
from soundscapes.models import Event, Webhook
from soundscapes.models.webhooks.webhooks import MAX_URL
from soundscapes.webhooks import deliveries, webhooks

PAGE_SIZE = 25
NEW_SECRET = "new_webhook_secret"  # noqa: S105 - key in the session, until the page has shown it


class WebhookForm(forms.Form):
    target_url = forms.CharField(
        label="URL",
        max_length=MAX_URL,
        validators=[webhooks.validate_url],
        widget=forms.URLInput({"placeholder": "https://example.org/hook"}),
    )
    events = forms.MultipleChoiceField(
        choices=Event.choices,
        initial=Event.values,
        widget=forms.CheckboxSelectMultiple,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def list_webhooks(request: HttpRequest) -> HttpResponse:
    """List webhooks and create one. Its secret is shown once."""
    user = signed_in_user(request)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhook = webhooks.create_webhook(user, **form.cleaned_data)
        except TooManyError as error:
            form.add_error(None, str(error))
        else:
            request.session[NEW_SECRET] = webhook.secret
            return redirect("webhooks")
    context = {
        "form": form,
        "secret": request.session.pop(NEW_SECRET, None),
        "webhooks": user.webhooks.all(),
    }
    return render(request, "webhooks/list.html", context)


@login_required
@never_cache
@require_safe
def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = owned_or_404(Webhook, signed_in_user(request), pk)
    sent = found.deliveries.defer("body")
    context = {
        "webhook": found,
        "page": Paginator(sent, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "webhooks/webhook.html", context)


@login_required
@require_POST
def switch(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = owned_or_404(Webhook, signed_in_user(request), pk)
    webhooks.switch(found, on="on" in request.POST)
    return redirect("webhook", pk)


@login_required
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    webhooks.delete_webhook(owned_or_404(Webhook, signed_in_user(request), pk))
    messages.success(request, "Webhook deleted.")
    return redirect("webhooks")


@login_required
@require_POST
def send_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    delivery = delivery_or_404(signed_in_user(request), pk)
    deliveries.send_again(delivery)
    messages.success(request, "The message will be sent again in a moment.")
    return redirect("webhook", delivery.webhook_id)
