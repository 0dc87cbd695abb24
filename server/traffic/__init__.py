"""Roads and who may be where: routes, room, right of way, and why no fleet can lock up. Pure."""
