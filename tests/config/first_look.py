"""The settings of `make run` with all state in a folder of the test's own."""

import os
from pathlib import Path

from config.settings.dev import *  # noqa: F403
from config.settings.dev import DATABASES

VAR = Path(os.environ["FIRST_LOOK"])
DATABASES["default"]["NAME"] = str(VAR / "comeback.sqlite3")
CELERY_BROKER_URL = "filesystem://"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(VAR / "queue"),
    "data_folder_out": str(VAR / "queue"),
    "control_folder": str(VAR / "queue-control"),
}
EMAIL_FILE_PATH = VAR / "mail"
MEDIA_ROOT = VAR / "media"
STATIC_ROOT = VAR / "static"
