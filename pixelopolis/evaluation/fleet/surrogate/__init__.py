"""Eyes without pictures: what the two networks would say, from the truth, as wrong as they were measured to be."""
