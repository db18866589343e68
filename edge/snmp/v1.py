"""SNMP v1's way to say that something is not there: the whole request fails, and the rest is asked again (RFC 1157)."""

from collections.abc import Awaitable, Callable
from typing import Final

from edge.snmp.codec import Absent, Binding, ErrorStatus, Oid, Reply, RequestKind

_MISSING: Final = {RequestKind.GET: Absent.NO_SUCH_OBJECT, RequestKind.GET_NEXT: Absent.END_OF_MIB_VIEW}


async def ask_all(
    ask: Callable[[RequestKind, tuple[Oid, ...]], Awaitable[Reply]], kind: RequestKind, names: tuple[Oid, ...]
) -> Reply:
    """Ask for all names and give one answer, as v2c would give it: a mark in the place of what is not there.

    noSuchName with an index takes that name out (for GETNEXT it is its column's end) and the rest is asked again; any
    error that names no one is looked for by halves. So each name costs at most two requests more, and a name alone that
    still fails is unreadable.

    Args:
        ask: sends one request.
        kind: GET or GETNEXT; v1 has no GETBULK.
        names: the objects asked for.

    Raises:
        Exception: whatever ``ask`` raises; what was answered so far is then lost, as with any request.
    """
    found: dict[int, Binding] = {}
    pending = [list(range(len(names)))]
    request_id = 0
    while pending:
        places = pending.pop()
        reply = await ask(kind, tuple(names[place] for place in places))
        request_id = reply.request_id
        if reply.error is ErrorStatus.NONE:
            found.update(zip(places, reply.bindings, strict=False))
            continue
        blamed = reply.error_index - 1
        if reply.error is ErrorStatus.NO_SUCH_NAME and 0 <= blamed < len(places):
            place = places.pop(blamed)
            found[place] = (names[place], _MISSING[kind])
            if places:
                pending.append(places)
        elif len(places) > 1:
            half = len(places) // 2
            pending += [places[half:], places[:half]]
        else:
            missing = reply.error is ErrorStatus.NO_SUCH_NAME
            found[places[0]] = (names[places[0]], _MISSING[kind] if missing else Absent.UNREADABLE)
    unanswered = Absent.NULL
    bindings = [found.get(place, (name, unanswered)) for place, name in enumerate(names)]
    return Reply(request_id, ErrorStatus.NONE, 0, bindings)
