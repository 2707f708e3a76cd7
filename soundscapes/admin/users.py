"""Admin of accounts, tokens and the log."""

from collections.abc import Sequence
from typing import Any

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSession
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from soundscapes.accounts import deletion, users
from soundscapes.admin.support import OperationsAdmin, ReadOnlyAdmin, counted
from soundscapes.models import ApiToken, CacheEntry, IdempotencyRecord, Invitation, QuotaCount, User

# Bookkeeping of allauth with secrets in it, or a second way to do what pages and settings do.
for _model in (EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession, Authenticator):
    admin.site.unregister(_model)


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # not at run time
    """Ends API tokens, feeds, streams and webhooks, in case the old password was stolen."""

    def set_password_and_save(self, user: User, *field: str, commit: bool = True) -> User:
        users.end_tokens(user)
        super().set_password_and_save(user, *field, commit=commit)  # type: ignore[misc]
        return user


class UserChangeForm(DjangoUserChangeForm[User]):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("is_active", True) and cleaned.get("is_superuser", True)):
            try:
                deletion.require_other_administrator([self.instance.pk])
            except deletion.LastAdministratorError as error:
                self.add_error(None, str(error))
        return cleaned


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    form = UserChangeForm
    change_password_form = PasswordForm
    list_display = (
        *("username", "email", "is_staff", "is_trusted", "is_active", "date_joined", "last_login"),
    )
    list_filter = ("awaits_approval", *DjangoUserAdmin.list_filter, "is_trusted")
    actions = ("approve",)
    fieldsets = (*(DjangoUserAdmin.fieldsets or ()), ("Limits", {"fields": ("is_trusted",)}))

    @admin.action(description="Approve selected users", permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        outcomes = [users.approve(user) for user in queryset]
        done, others = outcomes.count(True), outcomes.count(False)
        self.message_user(request, f"{counted(done, User)} approved.")
        if others:
            self.message_user(request, f"Not waiting for approval: {others}.", messages.WARNING)

    def get_deleted_objects(
        self, objs: Sequence[User] | QuerySet[User], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Allow deleting an account with its internal rows, which nobody can delete alone."""
        rows, counts, lacking, protected = super().get_deleted_objects(objs, request)
        bookkeeping = {
            str(model._meta.verbose_name)
            for model, model_admin in self.admin_site._registry.items()
            if isinstance(model_admin, OperationsAdmin)
        }
        try:
            deletion.require_other_administrator([user.pk for user in objs])
        except deletion.LastAdministratorError as error:
            protected.append(str(error))
        logged = User.objects.filter(pk__in=[user.pk for user in objs], logentry__isnull=False)
        protected += [
            f"{user}, whose entries in the log are kept. Deactivate the account instead."
            for user in logged.distinct()
        ]
        log_entries = str(LogEntry._meta.verbose_name)
        return rows, counts, lacking - bookkeeping - {log_entries}, protected

    @transaction.atomic
    def response_action(self, *args: Any, **options: Any) -> HttpResponse | None:
        """Check and delete in one transaction, as Django does for a single account."""
        return super().response_action(*args, **options)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second factors, without their secrets. Staff delete those of people who lost theirs."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    shown_with = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "type", "created_at", "last_used_at")


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin[Invitation]):
    """Links for signing up where SOUNDSCAPES_SIGN_UP is `invitation`. Deleting one revokes it."""

    list_display = ("__str__", "uses", "max_uses", "ends_at", "created_at")
    fields = ("note", "max_uses", "ends_at", "uses", "link")
    readonly_fields = ("uses", "link")

    @admin.display(description="link")
    def link(self, invitation: Invitation) -> str:
        """Return the path to send, after the address of the site."""
        return invitation.get_absolute_url() if invitation.pk else "shown after saving"


@admin.register(LogEntry)
class LogAdmin(ReadOnlyAdmin):
    list_display = ("action_time", "user", "content_type", "object_repr", "what")
    list_filter = ("action_time", "action_flag", "content_type")
    shown_with = ("user", "content_type")
    search_fields = ("object_repr", "user__username")

    @admin.display(description="change")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()

    def has_delete_permission(self, _request: HttpRequest, _entry: object = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    """API tokens. Staff can revoke them; only their users see the secrets."""

    list_display = ("name", "user", "token_key", "scope", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    fields = ("name", "user", "token_key", "scope", "created", "expiry")
    readonly_fields = ("user", "token_key", "scope", "created", "expiry")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(OperationsAdmin):
    """Stored responses to requests with an `Idempotency-Key`, kept for a day."""

    list_display = ("key", "user", "status", "location", "created_at")
    shown_with = ("user",)
    fields = ("key", "user", "status", "location", "body", "created_at")


@admin.register(CacheEntry)
class CacheEntryAdmin(OperationsAdmin):
    """Attempts at codes of sign-in, if Redis does not count them. Their values are not shown."""

    list_display = ("cache_key", "expires")
    fields = ("cache_key", "expires")


@admin.register(QuotaCount)
class QuotaCountAdmin(OperationsAdmin):
    """Request counts of the current windows, if Redis does not count them."""

    list_display = ("key", "count", "ends_at")
