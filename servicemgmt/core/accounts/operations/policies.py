"""What the company asks of the people in a role."""

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from ...audit import record
from ...errors import Stale
from ...models import RolePolicy, User


@transaction.atomic
def set_role_policy(role_id: int, *, requires_mfa: bool, version: int, by: User) -> RolePolicy:
    """Say whether people of the role need a second factor; from then on they set one up before anything else.

    `version` is 0 for a role that has no policy yet. Raises Stale.
    """
    role = Group.objects.select_for_update(no_key=True).get(pk=role_id)
    policy = RolePolicy.objects.filter(role=role).first() or RolePolicy(role=role, version=0)
    if policy.version != version:
        raise Stale(_("These rules were changed by someone else meanwhile. This is how they stand now."))
    if policy.requires_mfa == requires_mfa:
        return policy
    before, policy.requires_mfa = policy.requires_mfa, requires_mfa
    policy.version += 1
    policy.save()
    record("changed", policy, by=by, label=role.name, changes={"requires_mfa": [before, requires_mfa]})
    return policy
