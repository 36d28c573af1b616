"""Bring Superset to the state that this folder describes, in one process.

Migrates the metadata database, synchronises roles and permissions, sets the password of `admin` to the one in
the environment, imports the assets and deletes what it imported once and the folder no longer holds. Safe to
run again at any time: it repairs, and changes nothing else.
Exits with 1 and a sentence when something is missing. The environment is described in `superset_config.py`.
"""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from asset_bundle import AssetError, read_assets
from pruning import prune

if TYPE_CHECKING:
    from flask import Flask

HERE = Path(__file__).resolve().parent
MINIMUM_PASSWORD_LENGTH = 8
REQUIRED = (
    "SUPERSET_SECRET_KEY",
    "SUPERSET_DB_PASSWORD",
    "SUPERSET_ADMIN_PASSWORD",
    "MARKET_READER_PASSWORD",
)


class ProvisionError(Exception):
    """Provisioning cannot go on; the message names the reason and the way out."""


def main() -> int:
    """Provision and report each step with its time; the exit code is 0 or 1."""
    os.environ.setdefault("SUPERSET_CONFIG_PATH", str(HERE / "superset_config.py"))
    started = time.monotonic()

    def report(step: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {step}", flush=True)

    try:
        check_variables()
        password = admin_password()
        contents = read_assets(HERE / "assets", os.environ)
        app = migrated_app()
        report("metadata database is at the newest revision")
        with app.app_context():
            check_echarts(app)
            synchronise_roles()
            report("roles and permissions are synchronised")
            set_admin_password(password)
            report("admin has the password of the environment")
            import_assets(contents)
            report(f"{len(contents) - 1} assets are imported")
            for sentence in prune(contents):
                report(sentence)
    except (ProvisionError, AssetError) as error:
        print(f"Superset is not provisioned: {error}", file=sys.stderr)
        return 1
    return 0


def check_variables() -> None:
    """Refuse to begin without what only the environment knows: nothing here has a default secret."""
    missing = [name for name in REQUIRED if not os.environ.get(name)]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise ProvisionError(
            f"{', '.join(missing)} {are} not set in the environment; `make up` hands over what the env file "
            "says."
        )


def admin_password() -> str:
    """The password for `admin`; a short one is refused."""
    password = os.environ["SUPERSET_ADMIN_PASSWORD"]
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        raise ProvisionError(
            f"SUPERSET_ADMIN_PASSWORD needs {MINIMUM_PASSWORD_LENGTH} characters at least; set it in the "
            "env file."
        )
    return password


def migrated_app() -> "Flask":
    """The application over a metadata database at the newest revision."""
    from flask_migrate import upgrade
    from sqlalchemy import inspect
    from sqlalchemy.exc import OperationalError
    from superset.app import create_app

    import superset

    app = create_app()
    with app.app_context():
        from superset import db

        try:
            fresh = "alembic_version" not in inspect(db.engine).get_table_names()
            upgrade(directory=str(Path(superset.__file__).parent / "migrations"))
        except OperationalError as error:
            raise ProvisionError(
                f"the metadata database does not answer: {str(error.orig).strip()} Is PostgreSQL running, "
                "and do the role and database `superset` exist? `python -m db.bootstrap` creates them."
            ) from error
    # What create_app() registers depends on the tables: the first one was built before they existed.
    return create_app() if fresh else app


def check_echarts(app: "Flask") -> None:
    """Refuse to go on without the ECharts build that the browser needs to draw candles."""
    with app.test_client() as client:
        bundle = client.get("/dynamic-plugins/api/read").get_json()["result"][0]["bundle_url"]
        if client.get(bundle.rsplit("/", 1)[0] + "/echarts.js").status_code != 200:
            folder = os.environ.get("SUPERSET_ECHARTS_DIR") or "$VAR_DIR/npm/node_modules/echarts/dist"
            raise ProvisionError(
                f"ECharts is not in {folder}: copy superset/plugins/package.json and package-lock.json to "
                "$VAR_DIR/npm and run `npm ci` there, or name its folder in SUPERSET_ECHARTS_DIR."
            )


def synchronise_roles() -> None:
    """What `superset init` does."""
    from superset import appbuilder, db, security_manager

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    db.session.commit()


def set_admin_password(password: str) -> None:
    """Create `admin`, or set its password again: a changed environment is a rotated password."""
    from werkzeug.security import check_password_hash

    from superset import db, security_manager

    admin = security_manager.find_user(username="admin")
    if admin is None:
        role = security_manager.find_role("Admin")
        if not security_manager.add_user(
            "admin", "Market", "Admin", "admin@localhost.invalid", role, password=password
        ):
            raise ProvisionError("the user `admin` could not be created; the reason is in the log above.")
    elif not check_password_hash(admin.password, password):
        security_manager.reset_password(admin.id, password)
    db.session.commit()


def import_assets(contents: dict[str, str]) -> None:
    """Import all assets over what is there, or none of them."""
    from superset.commands.exceptions import CommandInvalidError, ImportFailedError
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.utils.core import override_user

    from superset import security_manager

    passwords = {"databases/market.yaml": os.environ["MARKET_READER_PASSWORD"]}
    with override_user(security_manager.find_user(username="admin")):
        try:
            ImportAssetsCommand(contents, passwords=passwords).run()
        except ImportFailedError as error:
            cause = error.__cause__
            invalid = isinstance(cause, CommandInvalidError)
            reason = cause.normalized_messages() if invalid else repr(cause)
            raise ProvisionError(f"Superset refuses the assets, none is imported: {reason}") from error


if __name__ == "__main__":
    sys.exit(main())
