"""The engine: images in, sound out. It never imports Django."""
