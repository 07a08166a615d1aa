"""The map of the live page: folium's Python, our own Leaflet, no third party, one script under the page's nonce.

Only numbers enter the generated script. Names and other texts of people reach the map through the page's module, as
text nodes: folium writes the text of popups and tooltips raw into a JavaScript template literal, so none is used.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template

_FRANCE = (46.6, 2.4)
_FRANCE_ZOOM, _FARTHEST = 5, 10
_NEAREST, _NEAREST_BARE = 16, 13  # streets; without pictures the communes around, for nothing else can be recognised
_HALF_VIEW = 150  # pixels from the middle of a phone's map to its edge
_METRES_PER_PIXEL = 156_543.034  # at zoom 0 on the equator (Web Mercator)
_MARGIN = 1.5
_DECIMALS = 5


@dataclass(frozen=True, kw_only=True)
class Fragments:
    """What the page puts in: the map's element, and the script that draws it."""

    html: str
    script: str


class QuietMap(folium.Map):
    """A map that asks for nothing: no foreign script, no style in the page, no viewport of its own."""

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []
    _template = Template(
        """
        {% macro html(this, kwargs) %}<div class="canvas" id={{ this.get_name()|tojson }}></div>{% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }},
                maxZoom: 19,
                zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
                ...{{ this.options|tojavascript }}
            });
        {% endmacro %}
        """
    )


class HandOver(MacroElement):
    """Gives the drawn layers to the page's module, which moves them from then on."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            globalThis.liveMap = {
                map: {{ this.map.get_name() }},
                her: {{ this.her.get_name() }},
                accuracy: {{ this.accuracy.get_name() }},
                track: {{ this.track.get_name() }},
                ages: {{ this.ages|tojson }}
            };
        {% endmacro %}
        """
    )

    def __init__(self, layers: Mapping[str, Any], ages: Sequence[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "HandOver", "live"
        self.map, self.her, self.accuracy, self.track = (layers[name] for name in ("map", "her", "accuracy", "track"))
        self.ages = list(ages)


def draw(
    position: Mapping[str, Any] | None, track: Sequence[Sequence[Any]], ages: Sequence[int], *, pictures: bool = True
) -> Fragments:
    """Her last position, its accuracy, and her track (latitude, longitude, ...), each stop `ages` seconds old.

    Without a position the map shows the country, and the page says so. Without `pictures` it shows more around her.
    """
    place = (position["latitude"], position["longitude"]) if position else _FRANCE
    accuracy = float(position["accuracy"] or 0) if position else 0.0
    live = _named(
        QuietMap(
            location=[round(part, _DECIMALS) for part in place],
            zoom_start=_zoom(place[0], accuracy, _NEAREST if pictures else _NEAREST_BARE) if position else _FRANCE_ZOOM,
            tiles=None,
            zoom_control=False,
            attribution_control=False,
            scroll_wheel_zoom=False,
            dragging=False,
            box_zoom=False,
        ),
        "live",
    )
    layers = {
        "map": live,
        "accuracy": _named(folium.Circle(location=place, radius=accuracy or 1.0, class_name="accuracy"), "accuracy"),
        "track": _named(_line([stop[:2] for stop in track] or [place]), "track"),
        "her": _named(folium.CircleMarker(location=place, radius=10, class_name="her"), "her"),
    }
    for name in ("accuracy", "track", "her"):
        layers[name].add_to(live)
    live.add_child(HandOver(layers, ages))
    figure = live.get_root()
    if not isinstance(figure, Figure):
        raise TypeError("folium changed: the map's root is no figure")
    for child in list(figure._children.values()):  # noqa: SLF001 - branca has no other way to render without its page
        child.render()
    return Fragments(html=figure.html.render().strip(), script=_tight(figure.script.render()))


def _line(stops: Sequence[Any]) -> Any:
    return folium.PolyLine(stops, class_name="track")  # type: ignore[no-untyped-call]


def _named(element: Any, name: str) -> Any:
    """A stable name in the script instead of a random one."""
    element._id = name  # noqa: SLF001 - as above
    return element


def _zoom(latitude: float, accuracy: float, nearest: int) -> int:
    """The nearest zoom at which the whole accuracy circle is in sight."""
    if accuracy <= 0:
        return nearest
    wanted = accuracy * _MARGIN / _HALF_VIEW
    zoom = math.floor(math.log2(_METRES_PER_PIXEL * math.cos(math.radians(latitude)) / wanted))
    return max(_FARTHEST, min(nearest, zoom))


def _tight(script: str) -> str:
    return "\n".join(line.strip() for line in script.splitlines() if line.strip())
