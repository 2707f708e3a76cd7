"""The heart of the application: pictures in, sound out. Nothing in here imports Django."""
