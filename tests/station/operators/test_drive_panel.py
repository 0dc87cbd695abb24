"""The panel in a browser, with a server that is a script: the switch, and everything that lets go of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from fleet.driving import FROM_HAND, Denial, DriveView, HandCommand, HandReleased
from tests.station.serving import RunningDouble

MOUNT = """
async () => {
  const { DrivePanel } = await import("/static/js/operators/drive_panel.js");
  const { I18n } = await import("/static/js/i18n.js");
  const catalogue = await (await fetch("/static/locales/operators/en.json")).json();
  const style = document.createElement("link");
  Object.assign(style, { rel: "stylesheet", href: "/static/css/operators_drive.css" });
  document.head.append(style);
  window.panel = new DrivePanel({ i18n: new I18n([{ tag: "en" }], "en", catalogue), carId: "car-1" });
  document.body.replaceChildren(window.panel.root);
  window.panel.update({ car_id: "car-1", held: true, driven: false });
}
"""
SETTLE_MS = 250


class Server:
    """Answers the panel's socket; what it said is in `said`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[HandCommand | HandReleased] = []
        self.sockets: list[WebSocketRoute] = []
        self.number = 0
        page.route_web_socket("**/api/operator/cars/car-1/drive", self._open)

    def _open(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.said.append(FROM_HAND.validate_json(text)))
        self.show()

    def show(self, **more: object) -> None:
        self.number += 1
        view = DriveView.model_validate({"number": self.number, "denial": Denial.OPEN, **more})
        self.sockets[-1].send(view.model_dump_json())

    def newest(self) -> HandCommand | HandReleased | None:
        """What was said last, after the panel had time to say it."""
        self.page.wait_for_timeout(SETTLE_MS)
        return self.said[-1] if self.said else None

    def is_driving(self) -> bool:
        """Whether commands keep coming."""
        self.page.wait_for_timeout(SETTLE_MS)
        before = len(self.said)
        self.page.wait_for_timeout(SETTLE_MS)
        return len(self.said) > before and isinstance(self.said[-1], HandCommand)


@pytest.fixture
def wheel(page: Page, server: RunningDouble) -> Iterator[Server]:
    """A panel that has the wheel of a held car."""
    script = Server(page)
    page.goto(server.url)
    page.evaluate(MOUNT)
    page.get_by_role("button", name="Take the wheel").click()
    expect(page.get_by_role("status")).to_have_text("Hold the switch to drive.")
    yield script
    page.evaluate("() => window.panel.dispose()")


def test_commands_come_only_while_the_switch_is_held(page: Page, wheel: Server) -> None:
    page.keyboard.down("ArrowUp")
    assert wheel.newest() is None, "keys without the switch say nothing"
    page.keyboard.down("Space")
    page.keyboard.down("ArrowRight")
    assert wheel.is_driving()
    said = wheel.newest()
    assert isinstance(said, HandCommand)
    assert (said.steering > 0, said.speed_mps > 0, said.state) == (True, True, wheel.number)
    assert [one.sequence for one in wheel.said if isinstance(one, HandCommand)] == list(range(1, len(wheel.said) + 1))
    page.keyboard.up("Space")
    assert isinstance(wheel.newest(), HandReleased)
    assert not wheel.is_driving()
    assert len([one for one in wheel.said if isinstance(one, HandReleased)]) == 1


HIDDEN = "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"


@pytest.mark.parametrize(
    "let_go",
    [
        "window.dispatchEvent(new Event('blur'))",
        "window.dispatchEvent(new Event('pagehide'))",
        f"{HIDDEN}; document.dispatchEvent(new Event('visibilitychange')); delete document.hidden",
        "document.activeElement.blur()",
    ],
)
def test_whatever_makes_it_doubtful_lets_go(page: Page, wheel: Server, let_go: str) -> None:
    page.keyboard.down("ShiftLeft")
    assert wheel.is_driving()
    page.evaluate(f"() => {{ {let_go} }}")
    assert isinstance(wheel.newest(), HandReleased)
    page.keyboard.down("ShiftLeft")  # it was never up: the keyboard repeats it
    assert not wheel.is_driving()


def test_two_switches_at_once_are_none(page: Page, wheel: Server) -> None:
    page.keyboard.down("Space")
    assert wheel.is_driving()
    page.keyboard.down("ShiftRight")
    assert isinstance(wheel.newest(), HandReleased)
    page.keyboard.up("ShiftRight")
    assert not wheel.is_driving()


def test_a_pointer_on_the_field_is_a_switch_until_it_leaves_the_screen(page: Page, wheel: Server) -> None:
    box = page.locator(".drive-pad").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 2)
    page.mouse.down()
    assert wheel.is_driving()
    said = wheel.newest()
    assert isinstance(said, HandCommand)
    assert said.steering == pytest.approx(0.5, abs=0.05)
    page.locator(".drive-pad").dispatch_event("lostpointercapture", {"pointerId": 1})
    assert isinstance(wheel.newest(), HandReleased)
    page.mouse.up()


def test_a_gamepad_drives_while_its_trigger_is_held(page: Page, wheel: Server) -> None:
    page.evaluate("""() => {
      window.trigger = { value: 0 };
      const buttons = Array.from({ length: 8 }, (_, k) => (k === 7 ? window.trigger : { value: 0 }));
      navigator.getGamepads = () => [null, { connected: true, axes: [-1, 0], buttons }];
    }""")
    assert wheel.newest() is None
    page.evaluate("() => { window.trigger.value = 1; }")
    assert wheel.is_driving()
    said = wheel.newest()
    assert isinstance(said, HandCommand)
    assert said.steering == -1
    page.keyboard.down("Space")
    assert isinstance(wheel.newest(), HandReleased)
    page.keyboard.up("Space")
    assert not wheel.is_driving(), "the trigger has to be let go"
    page.evaluate("() => { window.trigger.value = 0; }")
    assert not wheel.is_driving()
    page.evaluate("() => { window.trigger.value = 1; }")
    assert wheel.is_driving()


def test_what_the_server_ends_counts_again_only_after_letting_go(page: Page, wheel: Server) -> None:
    page.keyboard.down("Space")
    assert wheel.is_driving()
    wheel.show(denial=Denial.ALL_STOPPED)
    expect(page.get_by_role("status")).to_have_text("All cars are stopped.")
    wheel.show()
    assert not wheel.is_driving()
    page.keyboard.up("Space")
    page.keyboard.down("Space")
    assert wheel.is_driving()


def test_a_lost_connection_lets_go_and_is_tried_again(page: Page, wheel: Server) -> None:
    page.keyboard.down("Space")
    assert wheel.is_driving()
    wheel.sockets[-1].close()
    expect(page.get_by_role("status")).to_have_text("No connection: the car stands. We are trying again.")
    expect(page.get_by_role("status")).to_have_text("Hold the switch to drive.")
    assert len(wheel.sockets) == 2
    assert not wheel.is_driving()


def test_who_is_refused_is_told_why_and_asks_no_more(page: Page, wheel: Server) -> None:
    wheel.show(denial=Denial.TAKEN)
    wheel.sockets[-1].close()
    expect(page.get_by_role("status")).to_have_text("Somebody else has the wheel.")
    page.wait_for_timeout(1500)
    assert len(wheel.sockets) == 1
    expect(page.get_by_role("button", name="Take the wheel")).to_be_enabled()


def test_the_next_turn_is_chosen_without_letting_go(page: Page, wheel: Server) -> None:
    wheel.show(choice="forward", choices=("forward", "left"))
    page.keyboard.down("Space")
    assert wheel.is_driving()
    page.get_by_role("button", name="Left turn").click()
    said = wheel.newest()
    assert isinstance(said, HandCommand)
    assert said.turn == "left"
    assert wheel.is_driving()
    wheel.show(choice="left", choices=("forward", "left"))
    said = wheel.newest()
    assert isinstance(said, HandCommand)
    assert said.turn is None
    expect(page.get_by_role("button", name="Left turn")).to_have_attribute("aria-pressed", "true")


def test_a_car_that_is_not_held_offers_no_wheel(page: Page, wheel: Server) -> None:
    page.get_by_role("button", name="Leave the wheel").click()
    page.evaluate("() => window.panel.update({ car_id: 'car-1', held: false, driven: false })")
    expect(page.get_by_role("button", name="Take the wheel")).to_be_disabled()
    expect(page.get_by_role("status")).to_have_text("The car drives by itself: hold it first.")


def test_every_text_is_a_string(page: Page, wheel: Server) -> None:
    for denial in Denial:
        if denial not in (Denial.OPEN, Denial.TAKEN, Denial.SESSION_OVER, Denial.NO_CAR, Denial.INVALID, Denial.STORE):
            wheel.show(denial=denial, faults=("board: no answer",))
            expect(page.get_by_role("status")).not_to_have_text("")
    assert json.loads(page.evaluate("() => JSON.stringify(window.panel.carId)")) == "car-1"
