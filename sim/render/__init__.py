"""Pictures of the simulated city: scenes, styles and the renderer."""
