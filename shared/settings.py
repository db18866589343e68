"""Base of each context's settings: read once from the environment, on first use, never at import."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Fields are read from variables of the same name in upper case; a missing one names itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def from_environment(cls) -> Self:
        """The settings of this process; pydantic's error lists every variable that is missing or wrong."""
        environment = os.environ  # noqa: TID251 - the one place that reads it for the functions
        return cls.model_validate(
            {name: environment[name.upper()] for name in cls.model_fields if name.upper() in environment}
        )
