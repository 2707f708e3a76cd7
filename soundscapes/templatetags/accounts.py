"""Template tags about sign-up and emails, as the settings have them."""

from django import template
from django.conf import settings

CONSOLE = "django.core.mail.backends.console.EmailBackend"

register = template.Library()


@register.simple_tag
def may_sign_up() -> bool:
    """Return True if everybody may, so that pages offer it."""
    return settings.SIGN_UP in ("open", "approval")


@register.simple_tag
def needs_approval() -> bool:
    return settings.SIGN_UP == "approval"


@register.simple_tag
def needs_invitation() -> bool:
    return settings.SIGN_UP == "invitation"


@register.simple_tag
def has_no_mail_server() -> bool:
    return settings.EMAIL_BACKEND == CONSOLE


@register.simple_tag
def reset_hours() -> int:
    return settings.PASSWORD_RESET_TIMEOUT // 3600
