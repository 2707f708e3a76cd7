"""Layers of a finished soundscape, rendered as when somebody asks for them."""

from soundscapes.generations import transcoding
from soundscapes.models import Generation, Layer
from tests.queue import work_off


def rendered_layers(generation: Generation) -> list[Layer]:
    transcoding.get_or_create_rendition(generation, "layers")
    assert work_off() == []
    return list(Layer.objects.filter(generation=generation))
