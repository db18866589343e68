"""Settings of the tickets functions."""

from decimal import Decimal

from shared.settings import Settings


class TicketsSettings(Settings):
    """Tables, and the factor on alert delays (1 except in the local stack)."""

    tickets_table: str
    fleet_table: str
    accounts_table: str
    eligibility_table: str
    delay_scale: Decimal = Decimal(1)


class PublisherSettings(Settings):
    """Where the stream's facts are published."""

    event_bus: str
