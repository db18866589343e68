"""The alerts of a printer that are over, as partners see them."""

from pydantic import BaseModel, Field

from shared.directory.views import PastAlertView
from shared.wire.base import UtcDatetime


class PastAlert(BaseModel):
    """An alert that is over."""

    opened_at: UtcDatetime | None = Field(
        description="When it began, by the printer, or when it was first read; null where neither is known"
    )
    cleared_at: UtcDatetime = Field(description="When it was first read as over, or when it began again")
    severity: str | None = Field(default=None, examples=["critical"])
    training_level: str | None = Field(default=None, examples=["untrained"])
    group: str | None = Field(default=None, examples=["mediaPath"])
    group_index: int | None = Field(default=None, examples=[1])
    location: int | None = Field(default=None, examples=[1])
    code: int | None = Field(default=None, examples=[8])
    description: str | None = Field(default=None, examples=["Paper jam in tray 1"])


class PastAlertPage(BaseModel):
    """A page of alerts that are over, the last first."""

    items: list[PastAlert]
    next_cursor: str | None


def past_alert(view: PastAlertView) -> PastAlert:
    """An alert as it is shown."""
    return PastAlert(opened_at=view.opened_at, cleared_at=view.cleared_at, **view.alert)
