"""How the cloud tells a copied key: the generation that this copy was given last, and the nonce it drew with it."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.files import StateFolderError, write_private
from shared.wire.rotation import GENERATION_CLAIM, GENERATION_NONCE_CLAIM, MAX_GENERATION

GENERATION_FILE: Final = "generation.json"
NONCE_BYTES: Final = 16


class _Kept(BaseModel):
    """The file; of one activation, so that what an earlier one left behind counts for nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    agent_id: str
    activated_at: datetime
    number: int = Field(ge=1, lt=MAX_GENERATION)
    nonce: str = Field(min_length=1, max_length=64)


@dataclass(slots=True)
class Generation:
    """The generation to present; 0 until the first one was given and kept.

    Nothing is presented that is not on disk: an agent that forgot what it has presented would look like a copy.
    """

    state_dir: Path
    agent_id: str
    activated_at: datetime
    number: int = 0
    nonce: str = field(default="", repr=False)

    @classmethod
    def load(cls, state_dir: Path, agent_id: str, activated_at: datetime) -> Self:
        """As it was kept for this activation; from the beginning when there is none."""
        try:
            kept = _Kept.model_validate_json((state_dir / GENERATION_FILE).read_bytes())
        except (OSError, ValidationError):
            return cls(state_dir, agent_id, activated_at)
        if (kept.agent_id, kept.activated_at) != (agent_id, activated_at):
            return cls(state_dir, agent_id, activated_at)
        return cls(state_dir, agent_id, activated_at, kept.number, kept.nonce)

    def claims(self) -> dict[str, str | int]:
        """What a token presents; nothing before the first generation."""
        return {GENERATION_CLAIM: self.number, GENERATION_NONCE_CLAIM: self.nonce} if self.number else {}

    def learn(self, number: int | None) -> bool:
        """Take the generation that an upload was answered with; whether there is something new to present.

        Safe to repeat: the file is replaced atomically. When it cannot be written the former generation stays, which
        the cloud answers with the same new one again.
        """
        if number is None or not self.number < number < MAX_GENERATION:
            return False
        nonce = secrets.token_hex(NONCE_BYTES)
        kept = _Kept(agent_id=self.agent_id, activated_at=self.activated_at, number=number, nonce=nonce)
        try:
            write_private(self.state_dir / GENERATION_FILE, kept.model_dump_json().encode())
        except StateFolderError:
            return False
        self.number, self.nonce = number, nonce
        return True
