"""Numbers as people read them: rounded, with their units."""


def number(value: float) -> str:
    """A count with separators, any other number with three digits: 3,104,221 and 0.647."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def counted(count: int, one: str, several: str) -> str:
    """A number with its noun: 1 row, 2 rows."""
    return f"{count} {one if count == 1 else several}"


def percentage(share: float) -> str:
    """A share of 1 as a percentage: 1.7 %. Only nothing is 0.0 %, and only all is 100.0 %."""
    if 0 < share < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    return f"{share * 100:.1f} %"


def duration(seconds: float) -> str:
    """A time by its two largest units: 12 s, 41 min, 1 h 41 min, 3 days 2 h."""
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    if hours < 24:
        return f"{hours} h {minutes} min"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{counted(days, 'day', 'days')} {hours} h"
