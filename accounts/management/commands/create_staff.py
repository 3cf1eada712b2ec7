"""`create_staff EMAIL --role ROLE`: creates or changes a member of staff."""

from __future__ import annotations

import os
import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.models import User
from accounts.scopes import ROLES


class Command(BaseCommand):
    """Create a member of staff with one role."""

    help = "Create a member of staff; the password comes from STAFF_PASSWORD or is made up and printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """EMAIL and --role."""
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=sorted(ROLES))
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the person, give the role, print the password if we made it."""
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(f"{options['email']} is not an e-mail address.") from error
        password = os.environ.get("STAFF_PASSWORD") or secrets.token_urlsafe(12)
        email = options["email"].strip().lower()
        user = User.objects.filter(email=email).first() or User.objects.create_user(email, password)
        user.name = options["name"] or user.name
        user.is_staff = options["role"] == "admin"
        user.save()
        user.groups.set([Group.objects.get(name=options["role"])])
        self.stdout.write(f"{email} {options['role']}")
        if user.check_password(password) and "STAFF_PASSWORD" not in os.environ:
            self.stdout.write(f"password: {password}")
