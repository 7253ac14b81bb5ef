"""Accounts."""

from typing import Annotated

import typer

from workbench.cli.identity import acting, password_of
from workbench.cli.options import Credentials, Home, Json, home_of
from workbench.cli.output import Output
from workbench.records.actor import Role
from workbench.records.errors import UsageError

Name = Annotated[str, typer.Argument(metavar="NAME", help="Sign-in name.")]
Roles = Annotated[list[Role], typer.Option("--role", help="Repeat for several roles.")]
Acting = Annotated[str, typer.Option("--as", metavar="USER", help="Administrator who does this.")]


def build() -> typer.Typer:
    """Put `workbench user` together."""
    app = typer.Typer(help="Accounts and their roles.", no_args_is_help=True)
    app.command("add", epilog="Example: workbench user add anna --role technician --as admin")(add)
    app.command("list", epilog="Example: workbench user list --as admin")(list_)
    app.command("disable", epilog="Example: workbench user disable anna --as admin")(disable)
    app.command("roles", epilog="Example: workbench user roles anna --role technician --role auditor --as admin")(roles)
    return app


def add(
    *,
    name: Name,
    role: Annotated[list[Role] | None, typer.Option("--role", help="Repeat for several roles.")] = None,
    as_user: Annotated[str, typer.Option("--as", metavar="USER", help="Administrator who does this.")] = "",
    code: Annotated[str, typer.Option("--code", help="One-time code of `init`, for the first account.")] = "",
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Add an account. The first one (an administrator) is made with the one-time code that `init` printed."""
    from workbench.flow import accounts
    from workbench.flow.home import open_home

    output = Output(as_json)
    if code:
        with open_home(home_of(home)) as workbench:
            password = password_of(name, credentials, new=True)
            user = accounts.first_account(workbench, code=code, name=name, password=password)
    elif as_user and role:
        with acting(home_of(home), as_user, credentials) as (workbench, actor):
            password = password_of(name, credentials, new=True)
            user = accounts.add_user(workbench, actor, name=name, password=password, roles=frozenset(role))
    else:
        raise UsageError(
            "missing-argument",
            "An account needs --as USER and at least one --role, or the one-time --code of the first account.",
            "Example: workbench user add anna --role technician --as admin",
        )
    output.document({"user": user, "name": name})
    output.line(f"Account {name} added.")
    return 0


def list_(*, as_user: Acting, home: Home = None, credentials: Credentials = None, as_json: Json = False) -> int:
    """List accounts."""
    from workbench.flow.accounts import list_users

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        rows = list_users(workbench, actor)
    output.document({"users": rows})
    shown = [(row.name, " ".join(sorted(row.roles)), "yes" if row.active else "no") for row in rows]
    output.table("Accounts", ("name", "roles", "active"), shown)
    return 0


def disable(
    *, name: Name, as_user: Acting, home: Home = None, credentials: Credentials = None, as_json: Json = False
) -> int:
    """Disable an account and end its sessions. Names and ids are never used again."""
    from workbench.flow.accounts import disable_user

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        disable_user(workbench, actor, name=name)
    output.document({"name": name, "active": False})
    output.line(f"Account {name} is disabled.")
    return 0


def roles(
    *,
    name: Name,
    role: Roles,
    as_user: Acting,
    home: Home = None,
    credentials: Credentials = None,
    as_json: Json = False,
) -> int:
    """Set the roles of an account."""
    from workbench.flow.accounts import set_roles

    output = Output(as_json)
    with acting(home_of(home), as_user, credentials) as (workbench, actor):
        set_roles(workbench, actor, name=name, roles=frozenset(role))
    output.document({"name": name, "roles": sorted(role)})
    output.line(f"Roles of {name}: {' '.join(sorted(role))}.")
    return 0
