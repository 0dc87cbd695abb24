/** Carries out what a visit needs: one request at a time, and the ride followed while there is one. */

import { ridePath } from "./api.js";
import { randomId } from "./ids.js";
import { RideFollower } from "./ride_follower.js";
import { RefusedError } from "./server_call.js";
import { duty, followedRide, recalledVisit, reduce, remembered } from "./visit.js";

export class Visitor {
  #api;
  #deviceId;
  #memory;
  #onChange;
  #follower = null;
  #task = null;

  constructor({ api, deviceId, memory, onChange }) {
    this.#api = api;
    this.#deviceId = deviceId;
    this.#memory = memory;
    this.#onChange = onChange;
    this.visit = recalledVisit(memory.load());
  }

  /** Goes on where the last page left off. */
  resume() {
    this.#settle();
  }

  book() {
    this.#dispatch({ type: "book", requestId: randomId() });
  }

  choose(placeId) {
    this.#dispatch({ type: "choose", placeId });
  }

  leave() {
    this.#dispatch({ type: "leave" });
  }

  finish() {
    this.#dispatch({ type: "finish" });
  }

  anotherCar() {
    this.#dispatch({ type: "anotherCar", requestId: randomId() });
  }

  next() {
    this.#dispatch({ type: "next" });
  }

  #dispatch(event) {
    const before = this.visit;
    this.visit = reduce(before, event);
    if (this.visit === before) return;
    this.#memory.save(remembered(this.visit));
    this.#settle();
    this.#onChange(this.visit);
  }

  #settle() {
    this.#settleFollower();
    const due = duty(this.visit);
    if (this.#task?.key === due?.key) return;
    this.#task?.abort.abort();
    this.#task = null;
    if (due) {
      this.#task = { key: due.key, abort: new AbortController() };
      this.#perform(due, this.#task);
    }
  }

  #settleFollower() {
    const rideId = followedRide(this.visit);
    const path = rideId === null ? null : ridePath(rideId);
    if ((this.#follower?.path ?? null) === path) return;
    this.#follower?.stop();
    this.#follower = path === null ? null : new RideFollower(this.#api, path, {
      onRide: (ride) => this.#dispatch({ type: "ride", ride }),
      onGone: () => this.#dispatch({ type: "gone" }),
    });
  }

  async #perform(due, task) {
    let event;
    try {
      event = await this.#eventAfter(due, task.abort.signal);
    } catch (error) {
      if (task.abort.signal.aborted) return;
      if (!(error instanceof RefusedError)) throw error;
      event = eventAfterRefusal(due);
    }
    if (task.abort.signal.aborted) return;
    this.#task = null;
    this.#dispatch(event);
  }

  async #eventAfter(due, signal) {
    switch (due.kind) {
      case "book":
        return { type: "booked", requestId: due.requestId, ride: await this.#book(due.requestId, signal) };
      case "destination":
        return { type: "ride", ride: await this.#api.setDestination(due.rideId, due.placeId, signal) };
      case "part":
        await this.#part(due.parting, signal);
        return { type: "parted", parting: due.parting };
      default:
        throw new Error(`unknown duty ${due.kind}`);
    }
  }

  #book(requestId, signal) {
    return this.#api.book(this.#deviceId, requestId, signal);
  }

  /** A visitor may leave before the booking was answered: the same request id then tells which ride to give back. */
  async #part({ requestId, rideId, verb }, signal) {
    const id = rideId ?? (await this.#book(requestId, signal)).ride_id;
    await this.#api.part(id, verb, signal);
  }
}

function eventAfterRefusal(due) {
  switch (due.kind) {
    case "book":
      return { type: "gone" };
    case "destination":
      return { type: "placeRefused" };
    default:
      return { type: "parted", parting: due.parting }; // the ride is over already: nothing is left to part from
  }
}
