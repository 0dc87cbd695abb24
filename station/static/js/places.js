/** Pictures and names of the places in a city. */

const DRAWN = new Set(["museum", "landmark", "planetarium", "international_town", "wedding_hall"]);

/** Address of a place's picture; places that nobody has drawn yet share one of a row of houses. */
export function pictureOf(place) {
  return `/static/pictures/${DRAWN.has(place.place_id) ? place.place_id : "houses"}.svg`;
}

/** The place of that id, or null. */
export function findPlace(city, placeId) {
  return city?.places.find((place) => place.place_id === placeId) ?? null;
}
