/** Which car or edge the operator has picked. */

export class Selection {
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    this.carId = null;
    this.edge = null;
  }

  pickCar(carId) {
    this.#pick(carId, null);
  }

  pickEdge(edge) {
    this.#pick(null, edge);
  }

  clear() {
    this.#pick(null, null);
  }

  #pick(carId, edge) {
    this.carId = carId;
    this.edge = edge;
    this.#onChange();
  }
}
