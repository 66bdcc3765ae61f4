"""How the workbook looks: one accent colour, thin lines, and numbers under each other."""

from typing import Any

ACCENT, TINT, LINE, QUIET, ALARM = "#1F4E79", "#E9EFF5", "#D5DAE0", "#6B7480", "#B00020"
AMBER, AMBER_TEXT = "#FFE3A3", "#7A4B00"

_GRID = {"bottom": 1, "bottom_color": LINE, "valign": "vcenter"}
_VALUE = _GRID | {"align": "right", "left": 1, "left_color": LINE}
_HEADING = {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "valign": "vcenter"}

STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "font_color": ACCENT, "valign": "vcenter"},
    "subtitle": {"font_color": QUIET, "valign": "vcenter"},
    "link": {"font_color": ACCENT, "underline": 1, "valign": "vcenter"},
    "test": {"bold": True, "font_size": 11, "font_color": "#FFFFFF", "bg_color": ALARM, "valign": "vcenter"},
    "heading": _HEADING,
    "heading year": _HEADING | {"align": "right", "left": 1, "left_color": "#FFFFFF"},
    "heading flag": _HEADING | {"align": "center", "font_size": 7, "bold": False},
    "heading wrapped": _HEADING | {"text_wrap": True},
    "heading number": _HEADING | {"text_wrap": True, "align": "right"},
    "block": {"bold": True, "font_color": ACCENT, "bg_color": TINT, "bottom": 1, "bottom_color": ACCENT},
    "code": _GRID | {"font_color": QUIET, "font_size": 8},
    "label": _GRID | {"text_wrap": True},
    "label total": _GRID | {"text_wrap": True, "bold": True},
    "label absent": _GRID | {"text_wrap": True, "font_color": QUIET},
    "value": _VALUE,
    "value total": _VALUE | {"bold": True},
    "value absent": _GRID | {"italic": True, "font_color": QUIET, "font_size": 8},
    "flag": _GRID | {"font_size": 7, "font_color": ACCENT, "align": "center"},
    "check label": _GRID | {"italic": True, "font_size": 8, "font_color": QUIET, "indent": 1, "text_wrap": True},
    "check": _VALUE | {"italic": True, "font_size": 8, "font_color": QUIET},
    "difference": {"bg_color": AMBER, "font_color": AMBER_TEXT},
    "section": {"bold": True, "font_size": 11, "font_color": ACCENT, "bottom": 1, "bottom_color": ACCENT},
    "fact": _GRID | {"font_color": QUIET, "valign": "top"},
    "text": _GRID | {"text_wrap": True, "valign": "top"},
    "text code": _GRID | {"bold": True, "valign": "top"},
    "text link": _GRID | {"font_color": ACCENT, "underline": 1, "valign": "top"},
    "count": _GRID | {"align": "right", "num_format": "#,##0", "valign": "top"},
    "count alarm": _GRID
    | {"align": "right", "num_format": "#,##0", "valign": "top", "bg_color": AMBER, "font_color": AMBER_TEXT},
    "prose": {"text_wrap": True, "valign": "top"},
    "signature": {"font_size": 7, "font_color": QUIET},
}
"""Each style by its name, as xlsxwriter's format properties."""

# Arial is on every machine, or a font of the same widths is; its digits are all equally wide. Without a
# scheme, because Excel would put the theme's font in its place.
FONT = {"font_name": "Arial", "font_size": 9, "font_scheme": False}
DEFAULT_FONT = FONT | {"font_size": 10}
"""The workbook's own font; the widths of columns are counted in its digits."""


class Styles:
    """The styles of one workbook, each made when it is first asked for."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, str], Any] = {}

    def __call__(self, name: str, number_format: str = "") -> Any:
        """The style of this name, for numbers in this format."""
        key = (name, number_format)
        if key not in self._made:
            shown_as = {"num_format": number_format} if number_format else {}
            self._made[key] = self._workbook.add_format(FONT | STYLES[name] | shown_as)
        return self._made[key]


def number_format(decimals: int, signed: bool = False) -> str:
    """Excel's format for so many decimals; the program that opens the file puts its own thousands separator."""
    if decimals < 0:
        return "General"
    plain = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"+{plain};-{plain};0" if signed else plain
