"""For work: everything secret comes from the environment and defaults are refused."""

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, DEBUG, env

DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"].endswith("postgresql") and env.bool("SET_TIMEOUTS", default=True):
    # behind PgBouncer set them by ALTER ROLE instead and turn this off (docs/operations.md)
    DATABASES["default"]["OPTIONS"]["options"] = (
        "-c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=30s"
    )
if not DEBUG:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
    SESSION_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=True)
    CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
