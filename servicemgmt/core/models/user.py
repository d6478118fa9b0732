from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from ..constraints import both_or_neither, one_of


class UserQuerySet(models.QuerySet["User"]):
    def search(self, text: str) -> "UserQuerySet":
        """Users whose name or address contains every word of the text."""
        found = self
        for word in text.split():
            found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return found


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A user with that e-mail address as login; without a password nobody can sign in as him."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: object) -> "User":
        """A user for whom every permission check passes; for the shell, never for daily work."""
        return self.create_user(email, password, is_superuser=True, **fields)


class Theme(models.TextChoices):
    SYSTEM = "system", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Tray(models.TextChoices):
    """How much of the dispatch board the work to plan takes."""

    HIDDEN = "hidden", _("Hidden")
    NORMAL = "normal", _("Normal")
    WIDE = "wide", _("Wide")


class RowHeight(models.TextChoices):
    """How high the rows of the dispatch board are."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class User(AbstractBaseUser, PermissionsMixin):
    """Who signs in. What he may do comes from his roles (groups); who he is at work is masterdata.Employee."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("may sign in"), default=True)
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.SYSTEM)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    board_tray = models.CharField(_("board: work to plan"), max_length=10, choices=Tray, default=Tray.NORMAL)
    board_rows = models.CharField(
        _("board: height of rows"), max_length=10, choices=RowHeight, default=RowHeight.NORMAL
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager.from_queryset(UserQuerySet)()

    class Meta:
        ordering = ["name"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            one_of("user_theme_known", "theme", Theme),
            one_of("user_board_tray_known", "board_tray", Tray),
            one_of("user_board_rows_known", "board_rows", RowHeight),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class RolePolicy(models.Model):
    """What the company asks of the people in a role beyond a password."""

    role = models.OneToOneField(Group, models.CASCADE, related_name="policy", verbose_name=_("role"))
    requires_mfa = models.BooleanField(_("second factor required"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("role policy")
        verbose_name_plural = _("role policies")

    def __str__(self) -> str:
        return self.role.name


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def search(self, text: str) -> "InvitationQuerySet":
        """Invitations whose name or address contains every word of the text."""
        found = self
        for word in text.split():
            found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return found


class Invitation(models.Model):
    """The only way to become a user: an Administrator invites, the link is good once and for a week."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=120)
    roles = models.ManyToManyField(Group, verbose_name=_("roles"))
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="invitations_sent")
    invited_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    accepted_by = models.OneToOneField(User, models.PROTECT, null=True, related_name="invitation")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at", "-pk"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            both_or_neither("invitation_accepted_by_someone", "accepted_at", "accepted_by"),
            models.UniqueConstraint(
                Lower("email"),
                name="invitation_one_open_per_address",
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.email
