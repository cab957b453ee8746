"""Who is deciding."""

from __future__ import annotations

import getpass
import subprocess

_SECONDS = 5


def default_name() -> str:
    """The name that git knows the user by, else that of the account; empty where there is neither."""
    try:
        told = subprocess.run(
            ["git", "config", "user.name"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            errors="replace",
        )
        if told.returncode == 0 and told.stdout.strip():
            return told.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
