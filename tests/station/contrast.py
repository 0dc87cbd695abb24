"""Contrast of every text with what lies behind it, also where axe cannot tell (pictures, gradients)."""

from __future__ import annotations

from playwright.sync_api import Page

CONTRAST_AA = 4.5
TEXTS_WITH_CONTRAST = """
() => {
  const channels = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backdrop = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, a } = channels(getComputedStyle(at).backgroundColor);
      if (a > 0.8) return rgb;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll("h1, p, dt, dd, button, .place-name")) {
    if (!element.textContent.trim() || !element.checkVisibility()) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color).rgb), luminance(backdrop(element))];
    found.push([element.textContent, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
}
"""


def contrast_findings(page: Page) -> list[str]:
    """Texts with too little contrast, in words."""
    texts = page.evaluate(TEXTS_WITH_CONTRAST)
    return [f"“{text}” has a contrast of {ratio:.1f}" for text, ratio in texts if ratio < CONTRAST_AA]
