"""`/` and `/static/`: the visitor's page."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from station import static_dir

router = APIRouter(include_in_schema=False)


@router.get("/")
async def index() -> FileResponse:
    """The station page."""
    return FileResponse(static_dir() / "index.html", media_type="text/html", headers={"Cache-Control": "no-cache"})


def add_pages(app: FastAPI) -> None:
    """Serve the station's page and files."""
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=static_dir()), name="static")
