"""What AWS asks, in one table: list prices in US dollars, us-east-1, on demand, read in September 2026.

The free tier is not taken off, so that the figures hold for a fleet of any size.
"""

from typing import Final

MILLION: Final = 1_000_000
GIGABYTE: Final = 1_000_000_000
MONTH_DAYS: Final = 365.25 / 12

HTTP_API_REQUEST: Final = 1.00 / MILLION
LAMBDA_REQUEST: Final = 0.20 / MILLION
LAMBDA_GB_SECOND_ARM: Final = 0.0000133334
WRITE_UNIT: Final = 0.625 / MILLION
READ_UNIT: Final = 0.125 / MILLION
STORED_GB_MONTH: Final = 0.25
RECOVERY_GB_MONTH: Final = 0.20
"""Point-in-time recovery, which the tables of a production stage have."""
LOG_GB: Final = 0.50

VCPU_MEMORY_MB: Final = 1_769
"""Memory at which Lambda gives a function one whole core; below it a share in proportion."""
