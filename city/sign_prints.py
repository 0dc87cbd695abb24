"""Signs to be printed: which, how large, and where each of them stands; and a single one as an SVG or PNG file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from city.city import City, Sign
from city.sign_catalogue import BOARD_M, SIGN_KINDS, svg_path

PNG_DPI = 300
MM_PER_INCH = 25.4

_SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True, slots=True)
class SignPrint:
    """One sign on paper. The picture fills its board from side to side, as in the simulator."""

    name: str  # of a file, unique among those that are printed together
    kind: str
    width_mm: float
    height_mm: float
    where: str = ""  # for people

    @property
    def size(self) -> str:
        """Width and height of the board, for people."""
        return size_text(self.width_mm, self.height_mm)


def size_text(width_mm: float, height_mm: float) -> str:
    """A size for people."""
    return f"{round(width_mm, 1):g} × {round(height_mm, 1):g} mm"


def catalogue_prints(city: City) -> list[SignPrint]:
    """Every sign once, on a board of the usual size, with where it stands in a city."""
    board_mm = 1000 * BOARD_M
    return [
        SignPrint(kind, kind, board_mm, board_mm, "; ".join(_where(city, s) for s in city.signs if s.kind == kind))
        for kind in SIGN_KINDS
    ]


def city_prints(city: City) -> list[SignPrint]:
    """Every sign of a city, as often as it stands there and as large as there, by node."""
    signs = sorted(city.signs, key=lambda sign: (city.edges[sign.edge].end, sign.edge))
    return [
        SignPrint(
            f"node-{city.edges[sign.edge].end}-edge-{sign.edge}-{sign.kind}",
            sign.kind,
            1000 * sign.width_m,
            1000 * sign.height_m,
            _where(city, sign),
        )
        for sign in signs
    ]


def _where(city: City, sign: Sign) -> str:
    places = [place.names.get("en", place.id) for place in city.places.values() if place.edge == sign.edge]
    return ", ".join([f"node {city.edges[sign.edge].end} from edge {sign.edge}", *places])


def sign_shapes(kind: str) -> ET.Element:
    """A sign's picture as a parsed SVG document of its own, without its title.

    Raises:
        ValueError: if there is no such sign.
    """
    root = ET.fromstring(svg_path(kind).read_text(encoding="utf-8"))  # noqa: S314  # a file of this package
    for title in root.findall(f"{{{_SVG}}}title"):
        root.remove(title)
    return root


def print_svg(sign: SignPrint) -> str:
    """A sign as an SVG document that says its true size."""
    ET.register_namespace("", _SVG)
    root = sign_shapes(sign.kind)
    root.set("width", f"{sign.width_mm:g}mm")
    root.set("height", f"{sign.height_mm:g}mm")
    root.set("preserveAspectRatio", "none")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def print_png(sign: SignPrint, dpi: int = PNG_DPI) -> bytes:
    """A sign as a PNG picture that says its true size, transparent outside its outline."""
    import resvg_py  # needed only where pictures are drawn
    from PIL import Image

    root = sign_shapes(sign.kind)
    root.set("preserveAspectRatio", "none")
    for side, length_mm in (("width", sign.width_mm), ("height", sign.height_mm)):
        root.set(side, str(max(1, round(length_mm / MM_PER_INCH * dpi))))
    drawn = resvg_py.svg_to_bytes(svg_string=ET.tostring(root, encoding="unicode"))
    stored = io.BytesIO()
    Image.open(io.BytesIO(bytes(drawn))).save(stored, "PNG", dpi=(dpi, dpi))
    return stored.getvalue()
