"""The engine turns images into soundscapes. It never imports Django."""
