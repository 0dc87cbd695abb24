"""The line between car and server keeps the rules of the two shells that it stands for."""

from __future__ import annotations

from car.connection.link import LAST_RETRY_S
from fleet.messages import LINK_TIMEOUT_S, RELEASE_PERIOD_S, REPORT_PERIOD_S, SILENT_CAR_S, DriveMode
from fleet.views import CarStatus
from pixelopolis.evaluation.fleet.server_host import ServerHost
from server.fleet_control.fleet_state import FleetState
from tests.evaluation_fleet.conftest import TICK_S, Net, told


def fleet(server: ServerHost) -> FleetState:
    assert server.dispatcher is not None
    return server.dispatcher.fleet


async def test_a_car_is_welcomed_ordered_and_released(net: Net) -> None:
    line = net.line()
    await net.run(1.0)
    words = line.words()
    assert words.connected
    assert words.welcome is not None
    assert words.order is not None
    assert words.release is not None
    assert words.release.order_id == words.order.order_id
    assert net.clock.now_s() - words.release_heard_s <= RELEASE_PERIOD_S + 0.1 + 2 * TICK_S
    assert fleet(net.server).cars["car-1"].status is CarStatus.ONLINE


async def test_reports_come_by_the_clock_and_a_change_of_mode_at_once(net: Net) -> None:
    line = net.line()
    heard: list[int] = []
    await net.run(0.5)
    for k in range(100, 150):
        line.publish(told(k))
        net.clock.advance(TICK_S)
        await line.step()
        report = fleet(net.server).cars["car-1"].report
        if report is not None and report.sequence not in heard:
            heard.append(report.sequence)
    assert len(heard) == 50 * TICK_S / REPORT_PERIOD_S + 1
    line.publish(told(200, DriveMode.STOPPED))
    await net.run(2 * TICK_S, report=False)
    report = fleet(net.server).cars["car-1"].report
    assert report is not None
    assert report.mode is DriveMode.STOPPED


async def test_a_control_loop_that_hangs_is_silent(net: Net) -> None:
    net.line()
    await net.run(1.0)
    await net.run(SILENT_CAR_S + 0.3, report=False)
    assert fleet(net.server).cars["car-1"].status is CarStatus.LOST


async def test_a_cut_line_is_down_on_both_sides_and_comes_back_by_itself(net: Net) -> None:
    line = net.line()
    await net.run(1.0)
    line.is_cut = True
    await net.run(5.0)
    assert not line.words().connected
    assert fleet(net.server).cars["car-1"].status is CarStatus.LOST
    line.is_cut = False
    await net.run(LAST_RETRY_S + 0.5)
    assert line.words().connected
    assert fleet(net.server).cars["car-1"].status is CarStatus.ONLINE


async def test_late_messages_keep_their_order_and_their_age_shows(net: Net) -> None:
    line = net.line()
    await net.run(1.0)
    line.late_s = 1.0
    sequences, ages_s = [], []
    for _ in range(20):
        await net.run(0.5)
        report = fleet(net.server).cars["car-1"].report
        assert report is not None
        sequences.append(report.sequence)
        ages_s.append(net.clock.now_s() - line.words().release_heard_s)
    assert max(ages_s) > RELEASE_PERIOD_S + 0.1
    line.late_s = 0.0
    await net.run(2.0)
    assert net.clock.now_s() - line.words().release_heard_s < LINK_TIMEOUT_S


async def test_a_killed_server_goes_on_from_its_store(net: Net) -> None:
    line = net.line()
    await net.run(1.0)
    before = fleet(net.server)
    net.server.kill()
    await net.run(1.0)
    assert not line.words().connected
    await net.server.start()
    await net.run(LAST_RETRY_S + 0.5)
    assert fleet(net.server) is not before
    assert line.words().connected
    welcome = line.words().welcome
    assert welcome is not None
    assert welcome.last_position is not None
    assert welcome.last_position.edge == 1


async def test_two_devices_do_not_share_a_name(net: Net) -> None:
    net.line()
    await net.run(0.5)
    other = net.line(device="device-2")
    await net.run(2.0)
    assert not other.words().connected
    assert fleet(net.server).cars["car-1"].device_id == "device-1"
