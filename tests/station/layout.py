"""Finds texts and buttons that a visitor could not read or touch on a page as it is."""

from __future__ import annotations

from playwright.sync_api import Page

SMALLEST_TARGET_PX = 44
FINDINGS = """
(smallestTarget) => {
  const SLACK = 1.5;
  const findings = [];
  const top = document.querySelector("dialog[open]") ?? document.body;
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const named = (element) => `“${element.textContent.trim().slice(0, 40)}”`;
  const inside = (rect, box) => rect.left >= box.left - SLACK && rect.right <= box.right + SLACK
    && rect.top >= box.top - SLACK && rect.bottom <= box.bottom + SLACK;
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;
  const page = { left: 0, top: 0, right: innerWidth, bottom: document.documentElement.scrollHeight };

  if (document.documentElement.scrollWidth > innerWidth) findings.push("the page scrolls sideways");

  const texts = [];
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !visible(element) || element.closest("svg")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    texts.push({ element, rect: range.getBoundingClientRect() });
  }
  for (const { element, rect } of texts) {
    if (!inside({ ...rect.toJSON(), top: rect.top + scrollY, bottom: rect.bottom + scrollY }, page)) {
      findings.push(`${named(element)} is outside of the page`);
    }
    if (element.scrollWidth > element.clientWidth + SLACK && element.clientWidth > 0) {
      findings.push(`${named(element)} is wider than its box`);
    }
    for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
      const { overflow } = getComputedStyle(at);
      if (overflow === "auto") break; // what is outside can be scrolled to
      const holds = overflow !== "visible" || at.matches("button, .fact, .ride-note, .notice, .banner");
      if (holds && !inside(rect, at.getBoundingClientRect())) {
        findings.push(`${named(element)} is cut off by ${at.tagName} ${at.className}`);
      }
    }
  }
  texts.forEach((one, index) => {
    for (const other of texts.slice(index + 1)) {
      const related = one.element.contains(other.element) || other.element.contains(one.element);
      if (!related && overlap(one.rect, other.rect)) {
        findings.push(`${named(one.element)} lies over ${named(other.element)}`);
      }
    }
  });

  const buttons = [...top.querySelectorAll("button, a, select")].filter(visible);
  buttons.forEach((button, index) => {
    const rect = button.getBoundingClientRect();
    if (Math.min(rect.width, rect.height) < smallestTarget) {
      findings.push(`${named(button)} is only ${Math.min(rect.width, rect.height)} pixels large`);
    }
    for (const other of buttons.slice(index + 1)) {
      if (overlap(rect, other.getBoundingClientRect())) findings.push(`${named(button)} lies over ${named(other)}`);
    }
  });
  return findings;
}
"""
FITS_HEIGHT = "document.documentElement.scrollHeight <= innerHeight"


def layout_findings(page: Page) -> list[str]:
    """What is clipped, outside of the page, too small to touch, or over something else; in words."""
    return [str(finding) for finding in page.evaluate(FINDINGS, SMALLEST_TARGET_PX)]


def scrolls(page: Page) -> bool:
    """Whether the page is higher than the window."""
    return not page.evaluate(FITS_HEIGHT)
