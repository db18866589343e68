"""What other systems do to tell the days until a cartridge is empty: the estimators that ours stands beside."""

from bench.cartridges import Cartridge

WINDOW_DAYS = 56
MOST_DAYS = 2_000


def two_point(cartridge: Cartridge, today: int) -> float | None:
    """A straight line from the first reading of the cartridge to the last."""
    read = [day for day in range(cartridge.start, today + 1) if not cartridge.missing[day]]
    if len(read) < 2:  # noqa: PLR2004 - a line has two points
        return None
    fall = cartridge.level[read[0]] - cartridge.level[read[-1]]
    return cartridge.level[read[-1]] * (read[-1] - read[0]) / fall if fall > 0 else None


def rated_yield(cartridge: Cartridge, today: int) -> float | None:
    """The maker's yield less the pages since installation, at the pace of eight weeks with their weekdays."""
    window = range(max(0, today + 1 - WINDOW_DAYS), today + 1)
    mean = sum(cartridge.pages[day] for day in window) / len(window)
    if mean <= 0:
        return None
    left = 100 - sum(cartridge.pages[cartridge.start : today + 1]) / cartridge.rated * 100
    profile = profile_of(cartridge, window)
    return walk(max(left, 0.0), mean / cartridge.rated * 100, profile, cartridge.date(today).weekday())


def profile_of(cartridge: Cartridge, window: range) -> list[float]:
    """Relative use by weekday over some days, Monday first, mean 1."""
    by_day: list[list[float]] = [[] for _ in range(7)]
    for day in window:
        by_day[cartridge.date(day).weekday()].append(cartridge.pages[day])
    means = [sum(pages) / len(pages) if pages else 0.0 for pages in by_day]
    mean = sum(means) / len(means)
    return [value / mean for value in means] if mean > 0 else [1.0] * 7


def walk(left: float, rate: float, profile: list[float], weekday: int) -> float:
    """Days until ``left`` is used up at ``rate`` a day; ``weekday`` is today's."""
    for ahead in range(1, MOST_DAYS + 1):
        used = rate * profile[(weekday + ahead) % 7]
        if used > 0 and used >= left:
            return ahead - 1 + left / used
        left -= used
    return float(MOST_DAYS)
