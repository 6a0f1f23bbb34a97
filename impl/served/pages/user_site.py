"""The web site of a customer centre: where its future user asks for the change, and watches [066].

A card's number is no secret, so nothing is told or done on its account: first the visitor says the
code that the device with the card was sent. Until then every number is answered alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from impl.errors import MalformedError
from impl.events import Command
from impl.messages import ChangeTaken, Malformed, Refusal, RefusalReason
from impl.network.customer_centre import CustomerCentre
from impl.ports import Surroundings
from impl.served.pages.limits import Limit, TooOftenError, client_of
from impl.served.pages.progress import (
    End,
    Known,
    Progress,
    ProgressUnknownError,
    end_of,
    explain,
    steps,
)
from impl.served.pages.rendering import assets, page
from impl.served.pages.visits import CODE_LASTS_S, LASTS_S, CodeRefusedError, Visit, Visits
from impl.values import ICCID

COOKIE: Final = "__Host-visit"
FORM: Final = "application/x-www-form-urlencoded"
LONGEST_FORM: Final = 4096
FORMS_A_MINUTE: Final = 60
CARDS_AN_HOUR: Final = 20
"""From one client, as the one before."""
CODES_AN_HOUR: Final = 3
"""For one card."""
ARRIVES_S: Final = 10.0
"""How long a form may take to arrive."""
AGAIN_S: Final = 2
"""After which the page of a change that goes on is loaded anew."""
PATIENCE_S: Final = 15.0
"""After which a request that nobody answered may be made again."""
WATCHED_S: Final = 120.0
"""How long that goes by itself at this pace; then ten times slower."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class UserSite:
    """The pages; who the visitor is stands in `Visits`, what is asked for goes by the centre."""

    def __init__(
        self,
        centre: CustomerCentre,
        perform: Callable[[list[Command]], None],
        progress: Progress,
        surroundings: Surroundings,
        operator: str,
    ) -> None:
        """Prepare.

        Args:
            centre: the node that asks for changes.
            perform: carries out what it wants done.
            progress: how far changes are.
            surroundings: of the centre.
            operator: the name that people know it by.
        """
        self._centre = centre
        self._perform = perform
        self._progress = progress
        self._now = now = surroundings.now
        self._operator = operator
        self._visits = Visits(now, surroundings.random_octets)
        self._forms = Limit(FORMS_A_MINUTE, 60.0, now)
        self._cards_of_client = Limit(CARDS_AN_HOUR, 3600.0, now)
        self._codes_of_card = Limit(CODES_AN_HOUR, 3600.0, now)

    def application(self) -> web.Application:
        """Return what serves the pages."""
        application = web.Application(
            client_max_size=LONGEST_FORM, middlewares=[self._tell_problems, self._check_form]
        )
        application.router.add_get("/", self._show_card)
        application.router.add_post("/card", self._take_card)
        application.router.add_get("/code", self._show_code)
        application.router.add_post("/code", self._take_code)
        application.router.add_get("/offer", self._show_offer)
        application.router.add_post("/agree", self._take_agreement)
        application.router.add_get("/change", self._show_change)
        application.router.add_post("/end", self._end)
        application.router.add_routes(assets())
        application.on_cleanup.append(self._close)
        return application

    async def _close(self, application: web.Application) -> None:
        del application
        await self._progress.close()

    # The card

    async def _show_card(self, request: web.Request) -> web.Response:
        name = _name(request) or self._visits.new_name()
        return self._card_page(name)

    def _card_page(self, name: str, fault: str = "", typed: str = "") -> web.Response:
        status = 422 if fault else 200
        response = self._page("card.html", name, status, fault=fault, typed=typed)
        _set_name(response, name)
        return response

    async def _take_card(self, request: web.Request) -> web.Response:
        name, typed = _name(request), await _field(request, "iccid")
        try:
            iccid = ICCID("".join(typed.split()).replace("-", ""))
        except MalformedError:
            fault = "A card number has 18 to 20 digits, printed on the card. Please check yours."
            return self._card_page(name, fault, typed[:40])
        if not iccid.has_valid_check_digit:
            fault = "The digits do not add up: one is wrong, missing or in another place."
            return self._card_page(name, fault, typed[:40])
        self._cards_of_client.count(client_of(request.remote))
        self._codes_of_card.count(iccid)
        code = self._visits.begin(name, iccid)
        self._perform(self._centre.send_code(iccid, code))
        raise web.HTTPSeeOther("/code")

    # The code

    async def _show_code(self, request: web.Request) -> web.Response:
        visit = self._visit(request)
        if visit.is_proven:
            raise web.HTTPSeeOther("/offer")
        return self._code_page(_name(request), visit)

    def _code_page(self, name: str, visit: Visit, fault: str = "") -> web.Response:
        minutes = round(CODE_LASTS_S / 60)
        status = 422 if fault else 200
        return self._page(
            "code.html", name, status, iccid=visit.iccid, fault=fault, minutes=minutes
        )

    async def _take_code(self, request: web.Request) -> web.Response:
        visit, said = self._visit(request), await _field(request, "code")
        try:
            name = self._visits.prove(_name(request), "".join(said.split()))
        except CodeRefusedError as error:
            if error.tries_left:
                left = f"You can try {'once' if error.tries_left == 1 else 'twice'} more."
                fault = f"That is not the code that we sent. {left}"
                return self._code_page(_name(request), visit, fault)
            raise _Ended from None
        response = _see("/offer")
        _set_name(response, name)
        return response

    # The agreement

    async def _show_offer(self, request: web.Request) -> web.StreamResponse:
        visit = self._proven(request)
        if visit.agreed is None:
            return await self._offer_page(_name(request), visit)
        return _see("/change")

    async def _offer_page(self, name: str, visit: Visit, fault: str = "") -> web.StreamResponse:
        try:
            known = await self._progress.of(visit.iccid)
        except ProgressUnknownError:
            known = None  # who asks again for what is under way is told so
        if known and end_of(known.state) is None:
            visit.agreed = known.opened.timestamp()
            return _see("/change")
        status = 422 if fault else 200
        return self._page("offer.html", name, status, iccid=visit.iccid, fault=fault)

    async def _take_agreement(self, request: web.Request) -> web.StreamResponse:
        visit = self._proven(request)
        if await _field(request, "agrees") != "yes":
            fault = "Nothing was changed: tick the box if you agree, or leave this page if not."
            return await self._offer_page(_name(request), visit, fault)
        if visit.agreed is None or self._may_ask_again(visit):
            visit.agreed = self._now()
            self._perform(self._centre.request(visit.iccid, user_agreed=True))
        return _see("/change")

    def _may_ask_again(self, visit: Visit) -> bool:
        """Whether what was asked for was refused, or nobody answered: a form said twice is not."""
        outcome = self._centre.outcome(visit.iccid)
        is_late = visit.agreed is not None and self._now() > visit.agreed + PATIENCE_S
        return isinstance(outcome, Refusal | Malformed) or (outcome is None and is_late)

    # The change

    async def _show_change(self, request: web.Request) -> web.StreamResponse:
        visit = self._proven(request)
        if visit.agreed is None:
            return _see("/offer")
        try:
            known = await self._progress.of(visit.iccid)
        except ProgressUnknownError:
            return self._change_page(request, visit, None, is_reached=False)
        return self._change_page(request, visit, known, is_reached=True)

    def _change_page(
        self, request: web.Request, visit: Visit, known: Known | None, *, is_reached: bool
    ) -> web.Response:
        """Show how far the change of this visit is; one that is older is none of it."""
        assert visit.agreed is not None
        outcome = self._centre.outcome(visit.iccid)
        if known and not isinstance(outcome, ChangeTaken) and _ended_before(known, visit.agreed):
            known = None
        end, why = (end_of(known.state), known.reason) if known else (None, None)
        if known is None and isinstance(outcome, Refusal | Malformed):
            end = End.UNDONE
            why = outcome.reason if isinstance(outcome, Refusal) else None
        waited_s = self._now() - visit.agreed
        is_over = end is End.GOOD or (end is End.UNDONE and not (known and _is_open(known)))
        pace_s = AGAIN_S if waited_s < WATCHED_S else 10 * AGAIN_S
        is_silent = known is None and not isinstance(outcome, ChangeTaken) and not is_over
        facts: dict[str, Any] = {
            "iccid": visit.iccid,
            "steps": steps(known.state if known else None),
            "end": end.value if end else None,
            "is_over": is_over,
            "is_reached": is_reached,
            "is_silent": is_silent and waited_s > PATIENCE_S,
            "belongs": why == RefusalReason.ALREADY_SUBSCRIBED,
            "why": explain(why),
            "pace_s": pace_s,
        }
        headers = {} if is_over else {"Refresh": str(pace_s)}
        return self._page("change.html", _name(request), headers=headers, **facts)

    async def _end(self, request: web.Request) -> web.Response:
        self._visits.end(_name(request))
        response = _see("/")
        response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
        return response

    # All of them

    def _visit(self, request: web.Request) -> Visit:
        visit = self._visits.find(_name(request))
        if visit is None:
            raise _Ended
        return visit

    def _proven(self, request: web.Request) -> Visit:
        visit = self._visit(request)
        if not visit.is_proven:
            raise web.HTTPSeeOther("/code")
        return visit

    def _page(
        self,
        template: str,
        name: str,
        status: int = 200,
        headers: dict[str, str] | None = None,
        **facts: object,
    ) -> web.Response:
        shared = {"operator": self._operator, "token": self._visits.token(name)}
        return page(template, status, headers, **shared, **facts)

    @web.middleware
    async def _check_form(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Take a form only from this visitor's own page, and not too often."""
        if request.method == "POST":
            self._forms.count(client_of(request.remote))
            if request.content_type != FORM or (request.charset or "utf-8").lower() != "utf-8":
                raise web.HTTPUnsupportedMediaType
            async with asyncio.timeout(ARRIVES_S):
                token = await _field(request, "token")
            if not self._visits.holds_token(_name(request), token):
                raise web.HTTPForbidden
        return await handler(request)

    @web.middleware
    async def _tell_problems(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer what goes wrong as a page that says what to do next."""
        try:
            return await handler(request)
        except web.HTTPSeeOther as error:
            return _see(str(error.location))
        except web.HTTPException as error:
            allow = error.headers.get("Allow")
            return self._problem(error.status, {"Allow": allow} if allow else {})
        except TooOftenError as error:
            headers = {"Retry-After": str(error.retry_after_s)}
            return self._problem(429, headers, minutes=-(-error.retry_after_s // 60))
        except (TimeoutError, UnicodeError, _Ended) as error:
            return self._problem(_STATUS.get(type(error), 400))

    def _problem(
        self, status: int, headers: dict[str, str] | None = None, minutes: int = 0
    ) -> web.Response:
        return self._page("problem.html", "", status, headers, number=status, minutes=minutes)


class _Ended(Exception):  # noqa: N818 - it is an answer, not a fault
    """The visit has ended, or its code is used up: the visitor begins anew."""


_STATUS: Final[dict[type[Exception], int]] = {TimeoutError: 408, _Ended: 410}


def _is_open(known: Known) -> bool:
    return known.state == "releasing"


def _ended_before(known: Known, moment: float) -> bool:
    """Whether a change is an old one; what the server says of its beginning has whole seconds."""
    return end_of(known.state) is not None and known.opened.timestamp() < int(moment)


def _name(request: web.Request) -> str:
    return request.cookies.get(COOKIE, "")


def _set_name(response: web.StreamResponse, name: str) -> None:
    response.set_cookie(
        COOKIE, name, max_age=int(LASTS_S), path="/", secure=True, httponly=True, samesite="Strict"
    )


def _see(where: str) -> web.Response:
    return page("see.html", 303, {"Location": where}, operator="", where=where)


async def _field(request: web.Request, name: str) -> str:
    value = (await request.post()).get(name, "")
    return value if isinstance(value, str) else ""
