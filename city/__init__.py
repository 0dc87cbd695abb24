"""The map as data and as maths: nodes, edges, signs, places, lane geometry in metres, routes, turn commands."""
