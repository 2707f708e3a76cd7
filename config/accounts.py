"""Settings of accounts: who may sign up, sign-in, email addresses and second factors."""

from config.environment import env
from config.operators import AUTH_HEADER_SIGN_OUT

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

HTTPS = env.flag("SOUNDSCAPES_HTTPS", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOCAL_HOSTS)
IS_LOCAL = set(ALLOWED_HOSTS) <= set(LOCAL_HOSTS)

# Who may sign up. A site that others can reach has to be opened by its administrator.
SIGN_UP = env.choice(
    "SOUNDSCAPES_SIGN_UP",
    ("open", "closed", "invitation", "approval"),
    default="open" if IS_LOCAL else "closed",
)
EMAIL_VERIFICATION = env.choice(
    "SOUNDSCAPES_EMAIL_VERIFICATION", ("optional", "required"), default="optional"
)
IS_EMAIL_REQUIRED = EMAIL_VERIFICATION == "required"

AUTHENTICATION_BACKENDS = [
    "soundscapes.http.auth_backends.BoundedBackend",
    "soundscapes.http.proxy_sign_in.ProxyBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "studio"
LOGOUT_REDIRECT_URL = AUTH_HEADER_SIGN_OUT or "studio"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_RESET_TIMEOUT = 3600 * 3  # seconds

ACCOUNT_ADAPTER = "soundscapes.web.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "soundscapes.web.accounts.forms.SignInForm",
    "signup": "soundscapes.web.accounts.forms.SignUpForm",
    "change_password": "soundscapes.web.accounts.forms.ChangePasswordForm",
    "reset_password": "soundscapes.web.accounts.forms.ResetForm",
    "reset_password_from_key": "soundscapes.web.accounts.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = ["username", "email"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_SIGNUP_FIELDS = [
    "username*",
    "email*" if IS_EMAIL_REQUIRED else "email",
    "password1*",
    "password2*",
]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if IS_EMAIL_REQUIRED else "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Accounts may share an address until one of them verifies it, so no page tells who has one.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_MAX_EMAIL_ADDRESSES = 10
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# SOUNDSCAPES_QUOTA_SIGN_IN, _ACCOUNT and _SIGN_UP limit these.
ACCOUNT_RATE_LIMITS = {"login": None, "signup": None}

MFA_ADAPTER = "soundscapes.web.accounts.second_factors.SecondFactorAdapter"
MFA_FORMS = {"add_webauthn": "soundscapes.web.accounts.second_factors.KeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Soundscapes"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = not IS_EMAIL_REQUIRED
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers allow http for localhost only
