// What a stock Leaflet map needs to be whole without the internet: an outline of the world that we
// ship, under tiles that are laid over it as far as they can be had.

const TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const ATTRIBUTION =
  '© <a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener">OpenStreetMap</a> contributors';
const GIVE_UP_AFTER = 3;

// Ours, constant: the name of a place comes from a model and never becomes markup.
const PIN = `<svg viewBox="0 0 24 32" aria-hidden="true">
  <path d="M12 31C12 31 22 18.5 22 11.5a10 10 0 1 0-20 0C2 18.5 12 31 12 31Z"/>
  <circle cx="12" cy="11.5" r="4"/>
</svg>`;

/**
 * @param {L.Map} map
 * @param {string} outlineUrl GeoJSON, relative to the page
 */
export async function dress(map, outlineUrl) {
  map.attributionControl.setPrefix(false);
  const observer = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  observer.observe(map.getContainer());
  dressMarkers(map);
  layTiles(map);
  const answer = await fetch(outlineUrl);
  if (!answer.ok) return;
  window.L.geoJSON(await answer.json(), {
    interactive: false,
    // In the tiles' own pane, where the tiles' z-index keeps them above it.
    pane: "tilePane",
    attribution: "Natural Earth",
    style: ({ properties }) => ({ className: `rc-map__${properties.kind}`, weight: 1 }),
  }).addTo(map);
  map.getContainer().dataset.outline = "drawn";
}

// Flat pins in the page's colours instead of Leaflet's pictures, named as the marker is.
function dressMarkers(map) {
  const pin = window.L.divIcon({
    className: "rc-map__pin", html: PIN, iconSize: [24, 32], iconAnchor: [12, 31],
  });
  const dressOne = (layer) => {
    if (!(layer instanceof window.L.Marker)) return;
    layer.setIcon(pin);
    layer.getElement().setAttribute("aria-label", layer.options.title ?? "");
  };
  map.eachLayer(dressOne);
  map.on("layeradd", ({ layer }) => dressOne(layer));
}

// Without a network each tile would be asked for in vain at each move: after the first few failures
// the outline stands alone, until the browser says that it is online again.
function layTiles(map) {
  let failures = 0;
  const tiles = window.L.tileLayer(TILES, {
    attribution: ATTRIBUTION,
    maxZoom: 19,
    noWrap: false,
    // OpenStreetMap refuses requests without a referrer; the origin alone is enough.
    referrerPolicy: "strict-origin-when-cross-origin",
  });
  tiles.on("tileload", () => {
    failures = 0;
  });
  tiles.on("tileerror", () => {
    failures += 1;
    if (failures === GIVE_UP_AFTER) map.removeLayer(tiles);
  });
  window.addEventListener("online", () => {
    failures = 0;
    if (map.getContainer().isConnected) tiles.addTo(map);
  });
  tiles.addTo(map);
}
