"""The engine: pictures in, sound out. It never imports Django."""
