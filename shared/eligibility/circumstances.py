"""What the rule of eligibility depends on, gathered from what is known of a printer. Pure."""

from shared.directory.views import ManagedStatus, PrinterState, PrinterView, Registration
from shared.eligibility.catalogue import Catalogue
from shared.eligibility.rules import Circumstances
from shared.wire.reading import LIFE_COUNT


def circumstances_of(
    printer: PrinterView,
    state: PrinterState | None,
    managed: ManagedStatus,
    catalogue: Catalogue,
    *,
    has_agent: bool,
    has_contact: bool,
) -> Circumstances:
    """The circumstances of one printer (ELG-01).

    Args:
        printer: Who it is; to a retired one no agent belongs.
        state: Its latest reading, if there is one.
        managed: How far it is on its way into the programme.
        catalogue: The programme's models.
        has_agent: Whether its agent goes on: one that is over, or about to be, is as good as none (AGT-01).
        has_contact: Whether somebody takes its supplies.
    """
    return Circumstances(
        managed=managed is ManagedStatus.MANAGED,
        pending=managed is ManagedStatus.PENDING,
        registered=printer.registration is Registration.REGISTERED,
        max_lifetime_count=catalogue.max_lifetime_count(printer.manufacturer, printer.model),
        agent_version=printer.agent_version if has_agent and printer.retirement is None else None,
        lifetime_count=state.count(LIFE_COUNT) if state else None,
        has_contact=has_contact,
    )
