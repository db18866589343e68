"""What the use cases of contact imports need kept and sent."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum, auto
from typing import Protocol

from functions.accounts.contacts.models import Contact
from functions.accounts.imports.models import ContactImport, ImportState, KeptImport, RowFault


class RowOutcome(StrEnum):
    """What became of a row."""

    IMPORTED = auto()
    EXISTS = auto()
    STOPPED = auto()
    """The import was ended, or another worker is ahead."""


class Imports(Protocol):
    """Contact imports, their files and their faults."""

    def add_import(self, kept: KeptImport, text: str, faults: Sequence[RowFault]) -> None:
        """Keep a new import with its file."""

    def import_of(self, tenant_id: str, import_id: str) -> KeptImport | None:
        """The import, or None."""

    def faults_of(self, kept: KeptImport) -> list[RowFault]:
        """What is missing or invalid in its rows."""

    def text_of(self, kept: KeptImport) -> str | None:
        """Its file, or None once that is deleted."""

    def imports(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[ContactImport], str | None]:
        """Imports into an organisation and all under it."""

    def begin(self, kept: KeptImport) -> bool:
        """Say that it is running; False when it is ended."""

    def add_row(self, kept: KeptImport, row: int, contact: Contact) -> RowOutcome:
        """Keep the contact of a row and that the row is done, both or neither."""

    def end(self, kept: KeptImport, state: ImportState, now: datetime, *, rows_done: int | None = None) -> bool:
        """End it and delete its file; False when it is ended already."""

    def note_failure(self, kept: KeptImport) -> int:
        """Count an attempt that failed; how many have."""


class Work(Protocol):
    """Where the worker finds what it has to do."""

    def send(self, tenant_id: str, import_id: str) -> None:
        """Ask for the import to be gone on with."""
