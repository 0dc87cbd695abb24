/** Whom an operator lets in, by the server's names. */

export const ROLES = { station: "role.station", car: "role.car", operator: "role.operator" };
