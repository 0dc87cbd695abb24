"""A stand-in for the server's REST interface, whose one ride goes exactly as a test says."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import segno
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from city.city import City, Command
from city.files import load_city
from city.route_line import RouteLine
from city.routing import shortest_route
from fleet.access import EnrolmentRequest, KeyView, Role
from fleet.messages import DriveMode
from fleet.views import (
    FINAL_STATES,
    CarStatus,
    CarView,
    DestinationRequest,
    RideRequest,
    RideState,
    RideView,
    SharedRideView,
    StationRequest,
    StationView,
    View,
)
from server.api.pages import static_files
from server.app import SECURITY_HEADERS
from server.dispatch.views import city_view, shared_ride_view
from server.rides.sharing import share_token
from station import static_dir
from tests.station.street_view import street_frames

START_EDGE = 1
SPEED_MPS = 0.3
POLL_S = 0.02
FRAME_S = 0.1
FOR_STATIONS = ("/api/rides", "/api/stations")  # with a key only


@dataclass
class Trip:
    """One booked ride and how far its car has come."""

    ride_id: str
    request_id: str
    station: StationView
    car_id: str
    state: RideState
    place_id: str | None = None
    line: RouteLine | None = None
    goal_m: float = 0.0
    done_m: float = 0.0
    mode: DriveMode = DriveMode.IDLE
    held: bool = False
    driven: bool = False


@dataclass
class CityDouble:
    """The scripted server. Tests change it from their own thread; the page sees the change within a moment."""

    city: City = field(default_factory=lambda: load_city("pixelopolis"))
    car_free: bool = True
    queue_position: int = 2
    place_queue_position: int | None = None
    refuse_places: bool = False
    closed_places: tuple[str, ...] = ()
    has_stream: bool = True
    has_code: bool = True
    code: str | None = None  # that a station must type; None: open, as on loopback
    keys: set[str] = field(default_factory=set)
    trips: list[Trip] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    version: int = 0
    stream_cuts: int = 0
    closing: bool = False
    frames: list[bytes] = field(default_factory=lambda: street_frames(24))

    # What tests do

    @property
    def trip(self) -> Trip:
        """The newest ride."""
        return self.trips[-1]

    def change(self, action: Callable[[], None]) -> None:
        """Carry out a change and let everyone know."""
        action()
        self.version += 1

    def set_state(self, state: RideState) -> None:
        """Put the newest ride into a state."""
        self.change(lambda: setattr(self.trip, "state", state))

    def set_queue(self, position: int) -> None:
        """Move the waiting visitor in the line."""
        self.change(lambda: setattr(self, "queue_position", position))

    def set_place_queue(self, position: int | None) -> None:
        """Let the rider's car roam until its turn at the place, or drive there."""
        self.change(lambda: setattr(self, "place_queue_position", position))

    def free_a_car(self) -> None:
        """Give a car to the visitor who waits."""
        self.car_free = True
        self.set_state(RideState.CHOOSING)

    def drive(self, share: float) -> None:
        """Bring the car to that share of its way; 1 is the place itself."""

        def move() -> None:
            self.trip.done_m = self.trip.goal_m * share
            self.trip.mode = DriveMode.ARRIVED if share >= 1 else DriveMode.DRIVING
            self.trip.state = RideState.ARRIVED if share >= 1 else RideState.RIDING

        self.change(move)

    def drive_to_a_turn(self, command: str) -> None:
        """Bring the car to just before the first turn of that kind on its way."""
        assert self.trip.line is not None
        turn = next(part for part in self.trip.line.segments if part.command == command)
        self.drive((turn.start_m - 0.1) / self.trip.goal_m)

    def set_mode(self, mode: DriveMode) -> None:
        """Let the car report a mode."""
        self.change(lambda: setattr(self.trip, "mode", mode))

    def set_operator(self, *, held: bool, driven: bool = False) -> None:
        """Let an operator hold the car, and drive it by hand."""

        def order() -> None:
            self.trip.held, self.trip.driven = held, driven

        self.change(order)

    def set_stream(self, has_stream: bool) -> None:
        """Say whether the car offers a picture."""
        self.change(lambda: setattr(self, "has_stream", has_stream))

    def cut_streams(self) -> None:
        """End all video streams; new ones work."""
        self.stream_cuts += 1

    def close_places(self, *place_ids: str) -> None:
        """Close the ways to these places, and open those to all others."""
        self.change(lambda: setattr(self, "closed_places", place_ids))

    def forget(self) -> None:
        """Lose all rides, as a server with a new store would."""
        self.change(self.trips.clear)

    def revoke_keys(self) -> None:
        """Take no key any more that was given."""
        self.keys.clear()

    def count(self, method: str, ending: str) -> int:
        """How many requests came whose path ends like that."""
        return sum(1 for one, path in self.requests if one == method and path.endswith(ending))

    # What the page sees

    def ride_view(self, trip: Trip) -> RideView:
        """The view of one ride."""
        waiting = trip.state == RideState.WAITING
        left_m = trip.goal_m - trip.done_m if trip.line else None
        shared_path = f"/api/shared/{share_token(trip.ride_id)}"
        return RideView(
            ride_id=trip.ride_id,
            state=trip.state,
            station_id=trip.station.station_id,
            station_device_id=trip.station.device_id,
            car_id=None if waiting else trip.car_id,
            car_device_id=None if waiting else f"device-{trip.car_id}",
            place_id=trip.place_id,
            closed_places=self.closed_places,
            queue_position=self.queue_position if waiting else None,
            place_queue_position=self.place_queue_position if trip.state == RideState.RIDING else None,
            distance_left_m=left_m,
            eta_s=None if left_m is None else left_m / SPEED_MPS,
            car=None if waiting else self._car_view(trip),
            stream_path=None if waiting or not self.has_stream else f"{shared_path}/stream.mjpg",
            code_path=f"{shared_path}/code.svg",
        )

    def _car_view(self, trip: Trip) -> CarView:
        line = trip.line or RouteLine(self.city, (START_EDGE,))
        pose = line.pose_at(trip.done_m)
        ahead = [part.command for part in line.segments if part.end_m > trip.done_m and part.kind == "movement"]
        moving = trip.mode == DriveMode.DRIVING
        return CarView(
            car_id=trip.car_id,
            status=CarStatus.LOST if trip.state == RideState.INTERRUPTED else CarStatus.ONLINE,
            mode=trip.mode,
            position=None,
            x_m=pose.x_m,
            y_m=pose.y_m,
            heading_rad=pose.heading_rad,
            speed_mps=SPEED_MPS if moving else 0.0,
            command=ahead[0] if ahead else Command.FOLLOW,
            battery_percent=80.0,
            battery_v=11.8,
            battery_left_s=None,
            battery_low=False,
            faults=(),
            ride_id=trip.ride_id,
            control_rate_hz=25.0,
            last_seen_age_s=0.05,
            held=trip.held,
            driven=trip.driven,
        )

    # Routes

    def app(self) -> Starlette:
        """The ASGI application."""
        rides = "/api/rides/{ride_id}"
        return Starlette(
            routes=[
                Route("/", self._page),
                Mount("/static", static_files()),
                Route("/api/health", self._health),
                Route("/api/city", self._city),
                Route("/api/stations", self._station, methods=["POST"]),
                Route("/api/rides", self._book, methods=["POST"]),
                Route(rides, self._ride),
                Route(f"{rides}/events", self._events),
                Route("/api/enrolments", self._enrol, methods=["POST"]),
                Route("/api/shared/{token}", self._shared_ride),
                Route("/api/shared/{token}/events", self._shared_events),
                Route("/api/shared/{token}/code.svg", self._code),
                Route("/api/shared/{token}/stream.mjpg", self._stream),
                Route(f"{rides}/destination", self._destination, methods=["POST"]),
                Route(f"{rides}/{{verb}}", self._part, methods=["POST"]),
            ],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._log)],
        )

    async def _log(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        self.requests.append((request.method, request.url.path))
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.url.path.startswith(FOR_STATIONS) and key not in self.keys:
            response: Response = JSONResponse({"detail": "no valid key"}, status_code=401)
        else:
            response = await call_next(request)
        response.headers.update({name.decode(): value.decode() for name, value in SECURITY_HEADERS.items()})
        return response

    async def _enrol(self, request: Request) -> Response:
        body = EnrolmentRequest.model_validate_json(await request.body())
        if body.code != self.code:
            return JSONResponse({"detail": "wrong code"}, status_code=403)
        key = f"key-{len(self.requests)}"
        self.keys.add(key)
        return _json(KeyView(role=Role.STATION, name=body.name, key=key).model_dump_json())

    async def _page(self, request: Request) -> Response:
        return FileResponse(static_dir() / "index.html")

    async def _health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _city(self, request: Request) -> Response:
        return _json(city_view(self.city).model_dump_json())

    async def _station(self, request: Request) -> Response:
        body = StationRequest.model_validate_json(await request.body())
        return _json(_station_view(body.device_id).model_dump_json())

    async def _book(self, request: Request) -> Response:
        body = RideRequest.model_validate_json(await request.body())
        known = next((trip for trip in self.trips if trip.request_id == body.request_id), None)
        return self._answer(known or self._new_trip(body))

    def _new_trip(self, body: RideRequest) -> Trip:
        number = len(self.trips) + 1
        trip = Trip(
            ride_id=f"ride-{number}",
            request_id=body.request_id,
            station=_station_view(body.station_id.removeprefix("id-")),
            car_id=f"car-{number}",
            state=RideState.CHOOSING if self.car_free else RideState.WAITING,
        )
        self.trips.append(trip)
        return trip

    async def _ride(self, request: Request) -> Response:
        return self._answer(self._find(request))

    async def _destination(self, request: Request) -> Response:
        trip = self._find(request)
        body = DestinationRequest.model_validate_json(await request.body())
        if self.refuse_places or trip is None:
            return JSONResponse({"detail": "not now"}, status_code=409)
        place = self.city.places[body.place_id]
        route = shortest_route(self.city, START_EDGE, place.edge)
        trip.line = RouteLine(self.city, route.edges)
        trip.goal_m = trip.line.edge_start_m(len(route.edges) - 1) + place.stop_s_m
        trip.place_id, trip.state = body.place_id, RideState.RIDING
        self.version += 1
        return self._answer(trip)

    async def _part(self, request: Request) -> Response:
        trip = self._find(request)
        if trip is not None and trip.state not in FINAL_STATES:
            trip.state = RideState.ENDED if request.path_params["verb"] == "end" else RideState.CANCELLED
            self.version += 1
        return self._answer(trip)

    async def _events(self, request: Request) -> Response:
        trip = self._find(request)
        if trip is None:
            return self._answer(None)
        return _event_stream(self._ride_events(lambda: self.ride_view(trip)))

    async def _ride_events(self, view: Callable[[], View]) -> AsyncIterator[str]:
        seen = -1
        while not self.closing:
            if seen != self.version:
                seen = self.version
                yield f"event: ride\ndata: {view().model_dump_json()}\n\n"
            await asyncio.sleep(POLL_S)

    async def _code(self, request: Request) -> Response:
        if not self.has_code:
            return JSONResponse({"detail": "no phone reaches this address"}, status_code=404)
        svg = io.BytesIO()
        link = f"{request.base_url}?ride={request.path_params['token']}"
        segno.make_qr(link).save(svg, kind="svg", light="white", omitsize=True)
        return Response(svg.getvalue(), media_type="image/svg+xml")

    async def _shared_ride(self, request: Request) -> Response:
        trip = self._find_shared(request)
        return self._answer(None) if trip is None else _json(self._shared_view(trip).model_dump_json())

    async def _shared_events(self, request: Request) -> Response:
        trip = self._find_shared(request)
        if trip is None:
            return self._answer(None)
        return _event_stream(self._ride_events(lambda: self._shared_view(trip)))

    def _shared_view(self, trip: Trip) -> SharedRideView:
        return shared_ride_view(self.ride_view(trip))

    def _find_shared(self, request: Request) -> Trip | None:
        token = request.path_params["token"]
        return next((trip for trip in self.trips if share_token(trip.ride_id) == token), None)

    async def _stream(self, request: Request) -> Response:
        return StreamingResponse(self._parts(), media_type="multipart/x-mixed-replace; boundary=frame")

    async def _parts(self) -> AsyncIterator[bytes]:
        cuts = self.stream_cuts
        for frame in itertools.cycle(self.frames):
            if self.closing or self.stream_cuts != cuts:
                return
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(frame)}\r\n\r\n"
            yield head.encode() + frame + b"\r\n"
            await asyncio.sleep(FRAME_S)

    def _find(self, request: Request) -> Trip | None:
        ride_id = request.path_params["ride_id"]
        return next((trip for trip in self.trips if trip.ride_id == ride_id), None)

    def _answer(self, trip: Trip | None) -> Response:
        if trip is None:
            return JSONResponse({"detail": "no such ride"}, status_code=404)
        return _json(self.ride_view(trip).model_dump_json())


def _station_view(device_id: str) -> StationView:
    return StationView(station_id=f"id-{device_id}", device_id=device_id, name=device_id)


def _event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream")


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")
