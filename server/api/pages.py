"""`/`, `/operators` and `/static/`: the visitors' page and the operators'."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from server.middleware import AddedHeaders
from station import static_dir

router = APIRouter(include_in_schema=False)

# Kept by browsers, but asked for anew (and answered with 304): a page of files of two versions would not work.
_ASK_ANEW = {b"cache-control": b"no-cache"}


@router.get("/")
async def index() -> FileResponse:
    """The station page."""
    return _page("index.html")


@router.get("/operators")
async def operators() -> FileResponse:
    """The operators' page. It shows nothing by itself: what it asks for takes an operator's session."""
    return _page("operators.html")


def _page(name: str) -> FileResponse:
    return FileResponse(static_dir() / name, media_type="text/html", headers={"Cache-Control": "no-cache"})


def static_files() -> ASGIApp:
    """The pages' scripts, styles, texts and pictures, compressed."""
    return AddedHeaders(GZipMiddleware(StaticFiles(directory=static_dir())), _ASK_ANEW)
