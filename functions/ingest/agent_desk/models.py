"""Activation codes and agents as partners write and see them."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from functions.ingest.agents.agent import AgentStatus, SuspectCause
from functions.ingest.agents.changes import AgentDeed
from functions.ingest.agents.discovery_entries import checked_entries, checked_entry
from functions.ingest.credentials.codes import CodeStatus
from functions.ingest.silence.agent_state import AgentState
from shared.fault_texts import told_as
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from shared.wire.base import UtcDatetime
from shared.written_numbers import WRITTEN

LONGEST_VALIDITY_HOURS = 168
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Target = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9.:_/\[\]-]{1,128}$"),
    told_as("no address, range (10.0.0.5-20), block (10.0.0.0/24) or host name, with optional :port"),
    AfterValidator(checked_entry),
]
_NULL: Final = "Null: there was none; of an interval: it was as the settings say"
Targets = Annotated[list[Target], AfterValidator(checked_entries)]


class Discovery(ApiModel):
    """Where an agent looks for printers: addresses, ranges (``a-b``), CIDR blocks or host names, ``:port`` optional."""

    include: Targets = Field(max_length=256, examples=[["192.0.2.0/24", "printer-7.example.test"]])
    exclude: list[Target] = Field(default_factory=list, max_length=256, examples=[["192.0.2.1-192.0.2.9"]])


class Intervals(ApiModel):
    """How often an agent works, in seconds; what is left out keeps its value, null is as the settings say again."""

    poll_interval_seconds: Annotated[int, Field(ge=1, le=86_400, examples=[900]), WRITTEN] | None = None
    discovery_interval_seconds: Annotated[int, Field(ge=5, le=604_800, examples=[86_400]), WRITTEN] | None = None
    heartbeat_interval_seconds: Annotated[int, Field(ge=5, le=86_400, examples=[3_600]), WRITTEN] | None = None
    config_interval_seconds: Annotated[int, Field(ge=5, le=86_400, examples=[900]), WRITTEN] | None = None


class NewActivationCode(Intervals):
    """What an agent will be when it redeems the code."""

    site_id: EntityId
    name: Name | None = Field(default=None, examples=["Head office, server room"])
    discovery: Discovery
    valid_hours: Annotated[int, WRITTEN] = Field(default=72, ge=1, le=LONGEST_VALIDITY_HOURS)

    def config(self) -> AgentConfig:
        """The configuration the agent starts with."""
        return changed_config(AgentConfig(discovery=DiscoveryCriteria(include=[])), self, self.discovery)


class NewReactivationCode(ApiModel):
    """How long an agent may take to redeem a code that was made for it."""

    valid_hours: Annotated[int, WRITTEN] = Field(default=72, ge=1, le=LONGEST_VALIDITY_HOURS)


class Suspension(ApiModel):
    """Why an agent is not to be heard for now."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = Field(
        default=None, examples=["The computer was stolen"]
    )


class AgentChange(Intervals):
    """What may be changed of an agent; what is left out stays."""

    name: Name | None = None
    discovery: Discovery | None = None
    status: Literal[AgentStatus.DEACTIVATED] | None = Field(default=None, description="For good")


class _Shown(BaseModel):
    """A stored item as partners see it."""

    model_config = ConfigDict(extra="ignore")


class ActivationCode(_Shown):
    """A code's life, without the code."""

    code_id: EntityId
    organization_id: EntityId
    site_id: EntityId
    name: str | None = None
    status: CodeStatus
    created_at: UtcDatetime
    valid_until: UtcDatetime
    used_at: UtcDatetime | None = None
    agent_id: EntityId | None = Field(default=None, description="Who redeemed it")
    for_agent_id: EntityId | None = Field(
        default=None, description="The one agent that is activated with it: for the first time, or again"
    )


class IssuedActivationCode(ActivationCode):
    """A new code, shown this once."""

    code: str = Field(repr=False, examples=["0123-4567-89AB-CDEF-G"])


class Agent(_Shown):
    """An agent and when it was last heard of."""

    agent_id: EntityId
    organization_id: EntityId
    site_id: EntityId
    name: str | None = None
    status: AgentStatus = Field(description="Whether it is heard: only an `active` one is")
    state: AgentState = Field(
        description=(
            "The one thing that most wants attention: its status, or, while that is `active`, `silent` (late by two "
            "heartbeats, or by two hours where that is less), else `down_level` (older than the required version)"
        )
    )
    down_level: bool = Field(description="Older than the required version, whatever else it is")
    silent_since: UtcDatetime | None = Field(default=None, description="When a silent agent was heard last")
    agent_version: str | None = Field(default=None, description="Null until it is activated")
    host_name: str | None = None
    platform: str | None = None
    activated_at: UtcDatetime | None = Field(default=None, description="The last time, if it was activated again")
    suspended_at: UtcDatetime | None = None
    suspended_reason: str | None = None
    deactivated_at: UtcDatetime | None = None
    suspect_since: UtcDatetime | None = Field(
        default=None, description="Since when its uploads are refused because its key has two holders"
    )
    suspect_cause: SuspectCause | None = Field(
        default=None,
        description=(
            "`generation_split`: two holders asked for the same day's generation; `generation_behind`: an old copy, or "
            "a backup that was restored; `exchanged_key_used`: a key that was exchanged tried to register another"
        ),
    )
    last_seen_at: UtcDatetime | None = None
    expected_by: UtcDatetime | None = Field(
        default=None,
        description=(
            "When an agent that is heard reports again at the latest, a little network trouble aside, and takes over "
            "what was changed of it; null when nothing is expected of it"
        ),
    )
    clock_skew_seconds: int | None = Field(
        default=None,
        description="How far its computer's clock is ahead (negative: behind), when it is more than 5 minutes",
    )
    dropped_readings: int = 0


class AgentKey(BaseModel):
    """A key of an agent, by name."""

    kid: str
    added_at: UtcDatetime
    ends_at: UtcDatetime | None = Field(default=None, description="Null for the key in force")


class PrinterCounts(BaseModel):
    """How many printers report, and how many are silent at each stage: after 3, 7 and 30 days, unless set otherwise."""

    reporting: int = Field(examples=[12])
    stale: int = Field(examples=[1])
    exception: int = Field(examples=[1])
    lost: int = Field(examples=[0])


class AgentDetails(Agent):
    """An agent with its configuration, its keys and how many printers it reads."""

    keys: list[AgentKey]
    key_wanted_at: UtcDatetime | None = Field(
        default=None, description="Since when the agent is asked to exchange its key; null when it is not, or did"
    )
    config: AgentConfig = Field(description="In force: as told with the next report of an agent that is heard")
    given_intervals: list[str] = Field(
        description="Those of `config` that were given to this agent itself; settings say the others",
        examples=[["poll_interval_seconds"]],
    )
    printers: int
    is_complete: bool = Field(
        description="False when it reads more than 20,000 printers and no daily look counted them yet: there are more"
    )
    managed_printers: int = Field(description="While there is one, the agent is neither deactivated nor deleted")
    pending_printers: int = Field(description="On their way to being managed; they keep the agent as well")
    printers_by_state: PrinterCounts = Field(
        description=(
            "As they are now; of an agent with more than 1,000 printers as they were at the last daily look at all of "
            "them, and before the first one of 1,000"
        )
    )
    counted_at: UtcDatetime | None = Field(
        default=None,
        description=(
            "Set for an agent with more than 20,000 printers: all these numbers are those of its last daily look, "
            "which began then. Null when the printers were counted now"
        ),
    )


class ChangedField(BaseModel):
    """A field of an agent before and after a change."""

    field: str = Field(examples=["poll_interval_seconds"])
    before: str | int | list[str] | None = Field(default=None, examples=[900], description=_NULL)
    after: str | int | list[str] | None = Field(default=None, examples=[300], description=_NULL)


class AgentChanged(_Shown):
    """Something that was done to an agent."""

    at: UtcDatetime
    deed: AgentDeed
    key_id: EntityId | None = Field(default=None, description="The partner's key; null for what the agent did itself")
    fields: list[ChangedField]


class AgentChangedPage(BaseModel):
    """A page of changes, the newest first."""

    items: list[AgentChanged]
    next_cursor: str | None


class ActivationCodePage(BaseModel):
    """A page of codes."""

    items: list[ActivationCode]
    next_cursor: str | None


class AgentPage(BaseModel):
    """A page of agents."""

    items: list[Agent]
    next_cursor: str | None


def changed_config(config: AgentConfig, intervals: Intervals, discovery: Discovery | None) -> AgentConfig:
    """The configuration with what a partner gave, without what is taken back; the rest stays."""
    said = intervals.model_dump(include=set(Intervals.model_fields), exclude_unset=True)
    if discovery is not None:
        said["discovery"] = discovery.model_dump()
    after = config.model_dump(exclude_unset=True) | said
    return AgentConfig.model_validate({name: value for name, value in after.items() if value is not None})
