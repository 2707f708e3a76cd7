"""Answers to allauth: who may sign up, how accounts are made, how emails go out."""

from ipaddress import ip_address
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse

from soundscapes.accounts import guests, invitations, users
from soundscapes.http import devices
from soundscapes.http.auth_backends import address_of
from soundscapes.limits import quotas
from soundscapes.limits.quotas import Kind
from soundscapes.models import User

PROVIDER_SIGN_OUT = "provider_sign_out"  # key of the URL that ends the provider's session
INVITATION = "invitation"  # key of the invitation's token in the session
KEPT = "Your new soundscapes are in your history now."
MISMATCH = (
    "Please enter a correct username and password. Note that both fields may be case-sensitive."
)


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The email address or the password is incorrect. Try again.",
        "username_password_mismatch": MISMATCH,
        "enter_current_password": "The password is incorrect. Enter it again.",
        "incorrect_password": "The password is incorrect. Enter it again.",
        "incorrect_code": "The code is incorrect. Enter the newest one.",
        "rate_limited": "Too many requests. Try again in a few minutes.",
        "too_many_login_attempts": "Too many wrong codes. Try again in a few minutes.",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address, or for IPv6 its network's, as our outermost proxy saw it."""
        address = address_of(request).partition("/")[0]
        try:
            return str(ip_address(address))
        except ValueError:
            return "0.0.0.0"  # noqa: S104  # nosec B104  # a proxy named no address

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave counting to BoundedBackend, whose limits strangers cannot use to lock users out."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in. What a guest has made becomes the user's."""
        super().login(request, user)
        guest = getattr(request, "guest", None)
        if guest is None:
            return
        request.session.set_expiry(None)  # a guest's ends within the hour
        if guest != user:
            guests.hand_over(guest, user)
            messages.success(request, KEPT)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGN_UP == "invitation":
            return invitations.is_valid(request.session.get(INVITATION, ""))
        return settings.SIGN_UP != "closed"

    def new_user(self, request: HttpRequest) -> User:
        """Return the guest who signs up, so that their soundscapes stay theirs, or a new user."""
        return getattr(request, "guest", None) or User()

    def save_user(
        self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True
    ) -> User:
        """Create the account; forget the invitation, and announce who waits for approval.

        Raises QuotaExceededError, InvitationError or IntegrityError as `users.sign_up` does.
        """
        if not commit:
            return super().save_user(request, user, form, commit=False)  # type: ignore[no-any-return]
        fields = form.cleaned_data
        account = {
            "username": fields["username"],
            "password": fields["password1"],
            "email": fields.get("email") or "",
        }
        invitation = (
            request.session.get(INVITATION, "") if settings.SIGN_UP == "invitation" else None
        )
        if user.guest_until:
            guests.take_over(user, **account, invitation=invitation)
        else:
            user = users.sign_up(**account, address=address_of(request), invitation=invitation)
        request.session.pop(INVITATION, None)
        if user.awaits_approval:
            users.announce_waiting(request.build_absolute_uri("/"))
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the email, within the recipient's quota.

        Raises QuotaExceededError only to signed-in users: other people must not learn who has an
        account.
        """
        request = allauth_context.request
        try:
            quotas.take(Kind.EMAIL, f"to {email.casefold()}")
        except quotas.QuotaExceededError:
            if request.user.is_authenticated:
                raise
            return
        given = {"request": request, "email": email, **context}
        message = self.render_mail(template_prefix, email, given)
        users.queue_email(message.subject, str(message.body), email)

    def set_password(self, user: User, password: str) -> None:
        """Also end tokens and webhooks if requested, and remember this device."""
        super().set_password(user, password)
        request = allauth_context.request
        if "ends_tokens" in request.POST:
            users.end_tokens(user)
        devices.remember(request, user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Lead to the end of the provider's own session, if it began ours."""
        url: str = super().get_logout_redirect_url(request)
        return request.session.get(PROVIDER_SIGN_OUT) or url

    def is_reauthentication_required(self, *, app: str) -> bool:
        """Ask nobody who has nothing to enter: the provider or the proxy signed them in."""
        user = allauth_context.request.user
        is_possible = user.is_authenticated and bool(self.get_reauthentication_methods(user))
        return is_possible and super().is_reauthentication_required(app=app)
