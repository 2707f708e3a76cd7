"""Sign-up, also of guests and by invitation, and the first administrator."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.account.views import SignupView
from django import forms
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from soundscapes.accounts import first_administrator, guests, invitations
from soundscapes.generations import welcome
from soundscapes.http.errors import put_off
from soundscapes.limits.quotas import QuotaExceededError
from soundscapes.web.accounts.adapter import INVITATION
from soundscapes.web.accounts.forms import FirstAdministratorForm

TAKEN = "A user with that username already exists."


class SignUpView(SignupView):
    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except QuotaExceededError as error:
            form.add_error(None, str(error))
            context = self.get_context_data(form=form)
            return put_off(error, self.render_to_response(context, status=error.status))
        except (guests.EndedError, invitations.InvitationError) as error:
            form.add_error(None, str(error))
        except IntegrityError:  # another sign-up took the name after validation
            form.add_error("username", TAKEN)
        else:
            user = self.request.user
            record_authentication(self.request, user, "password", reauthenticated=True)
            return response
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[no-any-return]


@never_cache
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Remember an invitation for the sign-up page, which says so if it no longer works."""
    request.session[INVITATION] = token
    return redirect("account_signup")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make_first_administrator(request: HttpRequest) -> HttpResponse:
    if not first_administrator.is_missing():
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = first_administrator.create(**form.account())
        except first_administrator.WrongCodeError as error:
            form.add_error("code", str(error))
        else:
            welcome.request_first(user)
            response: HttpResponse = perform_login(request, user, email_verification="none")
            record_authentication(request, user, "password", reauthenticated=True)
            return response
    return render(request, "accounts/first_administrator.html", {"form": form})
