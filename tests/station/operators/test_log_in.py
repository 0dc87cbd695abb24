"""Coming in and going out: password, code, a link with both, the end of a session."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from fleet.access import Role
from tests.server.keys import PASSWORD
from tests.station.operators.live_city import OPERATOR, LiveCity
from tests.station.operators.operator_page import OperatorPage


def test_a_wrong_password_is_told_and_the_right_one_lets_in(page: Page, live: LiveCity) -> None:
    operator = OperatorPage(page, live)
    operator.log_in(password="not this sentence")  # noqa: S106
    operator.sees("Name or password is wrong.")
    expect(page.locator("#stop")).to_be_hidden()
    operator.log_in()
    operator.on("fleet")
    expect(page.locator("#who")).to_contain_text(OPERATOR)
    page.reload(wait_until="domcontentloaded")
    operator.on("fleet")  # the cookie is still there
    assert page.evaluate("document.cookie") == "", "no script can read it"
    page.get_by_role("button", name="Log out").click()
    operator.on("login")
    page.reload(wait_until="domcontentloaded")
    operator.on("login")


def test_a_code_in_the_address_makes_an_operator_once(page: Page, live: LiveCity) -> None:
    code = live.do(live.code(Role.OPERATOR))
    operator = OperatorPage(page, live, f"#code={code}")
    operator.on("login")
    assert "#" not in page.url, "it stays in no history"
    form = page.locator(".become form")
    expect(form.locator("[name=code]")).to_have_value(code)
    form.locator("[name=username]").fill("bob")
    form.locator("[name=password]").fill(PASSWORD)
    form.get_by_role("button").click()
    operator.on("fleet")
    expect(page.locator("#who")).to_contain_text("bob")
    page.get_by_role("button", name="Log out").click()
    operator.on("login")
    page.get_by_text("I have a one-time code").click()
    form.locator("[name=code]").fill(code)
    form.locator("[name=username]").fill("mallory")
    form.locator("[name=password]").fill(PASSWORD)
    form.get_by_role("button").click()
    operator.sees("This code is wrong, used or too old")


def test_a_link_with_name_and_password_only_wants_enter(page: Page, live: LiveCity) -> None:
    operator = OperatorPage(page, live, f"#name={OPERATOR}&password={PASSWORD.replace(' ', '%20')}")
    operator.on("login")
    assert "#" not in page.url
    expect(page.get_by_role("button", name="Log in")).to_be_focused()
    page.keyboard.press("Enter")
    operator.on("fleet")


def test_a_revoked_operator_is_out_at_once(another_browser: BrowserContext, live: LiveCity) -> None:
    code = live.do(live.code(Role.OPERATOR))
    operator = OperatorPage(another_browser.new_page(), live, f"#code={code}&name=carol")
    form = operator.page.locator(".become form")
    form.locator("[name=password]").fill(PASSWORD)
    form.get_by_role("button").click()
    operator.on("fleet")
    assert live.do(live.server.context.access.enrolment.revoke(Role.OPERATOR, "carol"))
    operator.on("login")
    operator.sees("Your session is over. Log in again to go on.")
