"""One form for all error answers, and which error gets which status."""

from __future__ import annotations

import logging
import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from server.fleet_control.operations import ActRefusedError
from server.rides.booking import IllegalStepError, PlaceClosedError
from server.rides.under_way import UnknownError
from server.security.principal import NotAllowedError, UnknownKeyError, WrongSecretError
from server.security.rates import TooOftenError
from server.store.base import StoreError

_log = logging.getLogger(__name__)

Declared = dict[int | str, dict[str, Any]]  # of answers, as FastAPI takes them

_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str
    message: str
    reason: str | None = None  # of an act that was refused, as `ActRefusal`; left out where there is none


class ErrorView(BaseModel):
    """The body of every error answer."""

    error: ErrorDetail


def answers(**examples: tuple[int, str]) -> Declared:
    """OpenAPI declarations of error answers, from code=(status, example message)."""
    declared: Declared = {}
    for code, (status, message) in examples.items():
        example = {"error": {"code": code, "message": message}}
        declared[status] = {
            "model": ErrorView,
            "description": code.replace("_", " ").capitalize(),
            "content": {"application/json": {"example": example}},
        }
    return declared


INVALID: Declared = answers(
    bad_request=(400, "the body is not JSON"),
    too_large=(413, "a request body may have 16384 bytes"),
    invalid=(422, "body.request_id: Field required"),
)
NOT_ALLOWED = answers(
    no_valid_key=(401, "this key is not valid, or no more: enrol again, or log in"),
    not_allowed=(403, "this is for operator; your key is of station tablet-1"),
)
WRONG_SECRET = answers(wrong_secret=(403, "this code is wrong, used or too old; ask an operator for another one"))
TOO_OFTEN = answers(too_often=(429, "too many tries; the next one in 12 s"))
UNAVAILABLE = answers(store_unavailable=(503, "store server.sqlite3: cannot be written; is the disk full?"))


def error_answer(status: int, code: str, message: str, reason: str | None = None) -> JSONResponse:
    """An error answer in the one form."""
    view = ErrorView(error=ErrorDetail(code=code, message=message, reason=reason))
    return JSONResponse(view.model_dump(exclude_none=True), status_code=status)


def _add_access_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(UnknownKeyError)
    async def no_valid_key(_: Request, error: UnknownKeyError) -> JSONResponse:
        answer = error_answer(401, "no_valid_key", str(error))
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @app.exception_handler(NotAllowedError)
    async def not_allowed(_: Request, error: NotAllowedError) -> JSONResponse:
        return error_answer(403, "not_allowed", str(error))

    @app.exception_handler(WrongSecretError)
    async def wrong_secret(request: Request, error: WrongSecretError) -> JSONResponse:
        address = request.client.host if request.client else "somewhere"
        _log.warning("%s from %s: %s", request.url.path, address, error)
        return error_answer(403, "wrong_secret", str(error))

    @app.exception_handler(TooOftenError)
    async def too_often(_: Request, error: TooOftenError) -> JSONResponse:
        answer = error_answer(429, "too_often", str(error))
        answer.headers["Retry-After"] = str(math.ceil(error.wait_s))
        return answer


def add_error_handlers(app: FastAPI) -> None:
    """Give every error of `app` the one form."""
    _add_access_error_handlers(app)

    @app.exception_handler(UnknownError)
    async def unknown(_: Request, error: UnknownError) -> JSONResponse:
        return error_answer(404, "not_found", str(error))

    @app.exception_handler(IllegalStepError)
    async def illegal_step(_: Request, error: IllegalStepError) -> JSONResponse:
        return error_answer(409, "wrong_state", str(error))

    @app.exception_handler(PlaceClosedError)
    async def place_closed(_: Request, error: PlaceClosedError) -> JSONResponse:
        return error_answer(409, "place_closed", str(error))

    @app.exception_handler(ActRefusedError)
    async def act_refused(_: Request, error: ActRefusedError) -> JSONResponse:
        return error_answer(409, "refused", str(error), error.reason)

    @app.exception_handler(StoreError)
    async def store_unavailable(_: Request, error: StoreError) -> JSONResponse:
        _log.error("%s", error)
        return error_answer(503, "store_unavailable", str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return error_answer(400, "bad_request", f"the body is not JSON: {first.get('ctx', {}).get('error', '')}")
        where = ".".join(str(part) for part in first["loc"])
        return error_answer(422, "invalid", f"{where}: {first['msg']}")

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        answer = error_answer(error.status_code, _CODES.get(error.status_code, "error"), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def internal(_: Request, error: Exception) -> JSONResponse:
        return error_answer(500, "internal", f"the server failed ({type(error).__name__}); its log says more")
