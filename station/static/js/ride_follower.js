/** Follows one ride. */

import { Follower } from "./follower.js";

const NOT_FOUND = 404;

export class RideFollower {
  #follower;

  /** `path`: of the ride; `onRide(view)` hears each new view of the ride, `onGone()` that the server does not know it. */
  constructor(api, path, { onRide, onGone }) {
    this.path = path;
    this.#follower = new Follower({
      listen: (listeners) => api.events(`${path}/events`, listeners),
      onEvent: ({ name, data }) => {
        if (name === "ride") onRide(JSON.parse(data));
      },
      ask: () => api.ride(path),
      onAnswer: onRide,
      onRefused: ({ status }) => {
        if (status === NOT_FOUND) onGone();
        return status === NOT_FOUND;
      },
    });
  }

  stop() {
    this.#follower.stop();
  }
}
