"""What becomes of a ride under way by what its car does, by what operators order, and by time. Pure."""

from __future__ import annotations

from city.city import Place
from fleet.messages import DriveMode
from fleet.views import CarStatus, RideState
from server.fleet_control.car_state import CarState
from server.fleet_control.order_desk import is_order_of_ride
from server.rides import booking
from server.rides.booking import Ride
from server.traffic.open_road import open_road
from server.traffic.operator_acts import OperatorActs
from server.traffic.right_of_way import RightOfWay

HELD_LONG_S = 10.0  # a visitor whose car is held for longer is told, as if it were lost


class RideWatch:
    """Looks after the rides of one city."""

    def __init__(self, right_of_way: RightOfWay) -> None:
        self._right_of_way = right_of_way
        self._road = right_of_way.road
        self._places = right_of_way.road.city.places

    def next_state(self, ride: Ride, car: CarState | None, acts: OperatorActs, now_s: float) -> Ride:
        """The ride as it is now. `car` is the one that serves it."""
        if car is None:
            return booking.time_out(ride, now_s)
        if car.status is CarStatus.LOST and not car.is_silent(now_s):
            return ride  # the server has just been restarted
        is_sent_away = ride.state is RideState.CHOOSING and acts.errand_of(car.car_id) is not None
        if car.status is not CarStatus.ONLINE or _is_held_long(car, now_s) or is_sent_away:
            ride = booking.lose_car(ride, now_s)
        else:
            ride = booking.find_car(ride, now_s)
        place = self._places.get(ride.place_id or "")
        if ride.state is RideState.RIDING and place is not None:
            if self._has_arrived(car, ride, place):
                ride = booking.arrive(ride, now_s)
            elif not self.is_open(place, acts) and not self._holds_all_its_way(car, ride):
                ride = booking.lose_place(ride, now_s)
        return booking.time_out(ride, now_s)

    def is_open(self, place: Place, acts: OperatorActs) -> bool:
        """Whether operators leave a way to a place, and one on from there."""
        return open_road(self._road, acts.taken_edges).serves(place.edge)

    @staticmethod
    def _has_arrived(car: CarState, ride: Ride, place: Place) -> bool:
        """Whether the car says so, of an order of this ride, and stands on the place's edge."""
        report = car.report
        if report is None or report.mode is not DriveMode.ARRIVED:
            return False
        is_there = report.position is not None and report.position.edge == place.edge
        return is_there and is_order_of_ride(report.order_id, ride.ride_id)

    def _holds_all_its_way(self, car: CarState, ride: Ride) -> bool:
        """Whether the car's order for this ride ends on road that it holds already."""
        holding = self._right_of_way.holdings.get(car.car_id)
        if holding is None or car.goal is None or car.goal.purpose != ride.ride_id:
            return False
        return car.step_edges == holding.way


def _is_held_long(car: CarState, now_s: float) -> bool:
    return car.held_since_s is not None and now_s - car.held_since_s >= HELD_LONG_S
