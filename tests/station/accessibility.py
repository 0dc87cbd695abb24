"""What axe finds against WCAG 2.2 AA, and against what is good practice besides."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE_RULES: dict[str, list[str]] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def axe_findings(page: Page) -> list[str]:
    """Violations on a page as it is, in words."""
    violations = Axe().run(page, options=AXE_RULES).response["violations"]
    return [f"axe {rule['id']}: {node['html']}" for rule in violations for node in rule["nodes"]]
