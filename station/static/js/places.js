/** Pictures and names of the places in a city. */

const DRAWN = new Set(["museum", "landmark", "planetarium", "international_town", "wedding_hall"]);

/** Address of a place's picture; places that nobody has drawn yet share one of a row of houses. */
export function pictureOf(place) {
  return `/static/pictures/${DRAWN.has(place.place_id) ? place.place_id : "houses"}.svg`;
}

/** Fetches all pictures ahead, so that they are there when they are wanted. */
export function fetchPictures(city) {
  for (const place of city.places) new Image().src = pictureOf(place);
}

/** The name of the place of that id; the id itself where the city is not known yet. */
export function placeName(i18n, city, placeId) {
  const place = findPlace(city, placeId);
  return place ? i18n.pick(place.names) : placeId ?? "";
}

/** The place of that id, or null. */
export function findPlace(city, placeId) {
  return city?.places.find((place) => place.place_id === placeId) ?? null;
}
