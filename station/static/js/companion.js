/** A ride taken along on a visitor's own phone: the screens of the ride, to watch only. */

import { Api, sharedRidePath } from "./api.js";
import { Connection } from "./connection.js";
import { Page } from "./page.js";
import { RideFollower } from "./ride_follower.js";
import { createArrived } from "./screens/arrived.js";
import { messageScreen } from "./screens/message.js";
import { createRide } from "./screens/ride.js";

const CREATORS = {
  moment: messageScreen("waiting.calling_title", "companion.moment_text"),
  ride: createRide,
  interrupted: messageScreen("interrupted.title", "companion.interrupted_text"),
  kept: messageScreen("interrupted.held_title", "companion.interrupted_text"),
  arrived: createArrived,
  over: messageScreen("companion.over_title", "companion.over_text"),
};

const SCREEN_OF_STATE = {
  waiting: "moment",
  choosing: "moment",
  riding: "ride",
  interrupted: "interrupted",
  arrived: "arrived",
  ended: "over",
  cancelled: "over",
};

/** A car that operators keep is not lost, though its ride is interrupted. */
function screenOf(ride) {
  return ride.state === "interrupted" && ride.car?.held ? "kept" : SCREEN_OF_STATE[ride.state];
}

export class Companion {
  #city = null;
  #shown = { screen: "moment", ride: null };
  #token;
  #connection;
  #api;
  #page;

  /** `choice`: the LanguageChoice; `token`: of the shared ride. */
  constructor(choice, token) {
    this.#token = token;
    this.#connection = new Connection((reachable) => this.#page.connectionChanged(reachable));
    this.#api = new Api((reachable) => this.#connection.report(reachable));
    this.#page = new Page(choice, CREATORS, { visitor: null, question: null, city: () => this.#city });
    choice.onChange(() => this.#page.show(this.#shown, false));
  }

  async run() {
    this.#page.show(this.#shown, false);
    this.#connection.keepAsking(this.#api);
    this.#city = await this.#api.city();
    const follower = new RideFollower(this.#api, sharedRidePath(this.#token), {
      onRide: (ride) => this.#show(screenOf(ride), ride, follower),
      onGone: () => this.#show("over", null, follower),
    });
  }

  #show(screen, ride, follower) {
    if (screen === "over") follower.stop();
    this.#shown = { screen, ride };
    this.#page.show(this.#shown, true);
  }
}
