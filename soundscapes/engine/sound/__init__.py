"""Sound: the synthesised bank, the planner, the renderer and the files they read and write."""
