"""Podcast feeds, as podcast players fetch them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.urls import reverse
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.text import capfirst
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from soundscapes.generations.players import feeds
from soundscapes.http import errors
from soundscapes.http.policy import protect_shared
from soundscapes.http.ranges import converted_response, serve_file
from soundscapes.limits.errors import LimitError
from soundscapes.models import Feed, Format, Generation
from soundscapes.templatetags.presentation import in_words

MOST = 200  # episodes
NAMESPACES = {
    "xmlns:itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "xmlns:podcast": "https://podcastindex.org/namespace/1.0",
}
CHAPTERS = "application/json+chapters"

View = Callable[..., HttpResponseBase]


def by_token(view: View) -> View:
    """Pass the live feed of a token to `view`; keep search engines out."""

    @wraps(view)
    def opened(request: HttpRequest, token: str, **more: Any) -> HttpResponseBase:
        feed = Feed.objects.live().with_token(token).select_related("owner").first()
        if feed is None:
            raise Http404("This feed was revoked, or never existed.")
        response = view(request, feed, **more)
        protect_shared(response)
        return response

    return opened


class Podcast(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return super().rss_attributes() | NAMESPACES

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("itunes:block", "Yes")  # directories leave it out
        handler.addQuickElement("itunes:author", self.feed["author_name"])
        handler.addQuickElement("itunes:explicit", "false")
        handler.addQuickElement("itunes:image", attrs={"href": self.feed["image"]})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("itunes:duration", str(item["duration"]))
        handler.addQuickElement("itunes:image", attrs={"href": item["image"]})
        kind = {"url": item["chapters"], "type": CHAPTERS}
        handler.addQuickElement("podcast:chapters", attrs=kind)


@require_safe
@by_token
def feed(request: HttpRequest, feed: Feed) -> HttpResponse:
    absolute = request.build_absolute_uri
    name = feed.owner.username
    podcast = Podcast(
        title=f"Soundscapes of {name}",
        link=absolute(reverse("studio")),
        description=f"{feed}, newest first.",
        language="en",
        feed_url=absolute(),
        author_name=name,
        image=absolute(static("img/icon-512.png")),
    )
    for generation in feeds.episodes(feed)[:MOST]:
        _add(podcast, generation, absolute, absolute(request.path))
    return HttpResponse(podcast.writeString("utf-8"), content_type=podcast.content_type)


def _add(podcast: Podcast, generation: Generation, absolute: Any, base: str) -> None:
    size = str(feeds.expected_bytes(generation))
    podcast.add_item(
        title=capfirst(generation.title),
        link=absolute(generation.get_absolute_url()),
        description=in_words(generation),
        unique_id=str(generation.pk),
        unique_id_is_permalink=False,
        pubdate=generation.created_at,
        enclosures=[Enclosure(f"{base}{generation.pk}.mp3", size, "audio/mpeg")],
        duration=generation.duration,
        image=f"{base}{generation.pk}.jpg",
        chapters=f"{base}{generation.pk}.json",
    )


def _episode_or_404(feed: Feed, pk: UUID) -> Generation:
    return get_object_or_404(feeds.episodes(feed), pk=pk)


@require_safe
@by_token
def audio(request: HttpRequest, feed: Feed, pk: UUID) -> HttpResponseBase:
    try:
        return converted_response(request, _episode_or_404(feed, pk), Format.MP3)
    except LimitError as error:
        return errors.limited(request, error)


@require_safe
@by_token
def image(request: HttpRequest, feed: Feed, pk: UUID) -> HttpResponseBase:
    found = _episode_or_404(feed, pk).image
    return serve_file(request, found.file, etag=f"{found.pk}", filename="soundscape.jpg")


@require_safe
@by_token
def chapters(_request: HttpRequest, feed: Feed, pk: UUID) -> HttpResponse:
    listed = feeds.chapters(_episode_or_404(feed, pk))
    return JsonResponse({"version": "1.2.0", "chapters": listed}, content_type=CHAPTERS)
