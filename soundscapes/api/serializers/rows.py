"""Representation of rows without DRF's work for each value.

DRF copies a serializer's fields for every response, asks each field for each value, and reverses
each URL: most of the time of a list. Here the fields of a class become functions once, and paths
are reversed once.
"""

from collections.abc import Callable
from functools import cache, cached_property, lru_cache
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, cast

from django.urls import reverse
from rest_framework import serializers

Reader = Callable[[Any, "RowSerializer"], Any]
"""Returns the representation of a value, or of a row's field."""

AS_THEY_ARE = {
    *(serializers.CharField, serializers.ChoiceField, serializers.BooleanField),
    *(serializers.IntegerField, serializers.FloatField),
}
"""Fields whose values the database returns as JSON shows them."""
KEY = "00000000-0000-0000-0000-000000000000"
"""Takes the place of a row's key in a URL: valid as an ID and as a slug."""


class RowUrlField(serializers.HyperlinkedIdentityField):
    """The URL of a row that is a dict, with its `id`."""

    def get_url(self, obj: Any, view_name: str, request: Any, format: Any) -> str:  # noqa: A002
        return cast(RowSerializer, self.parent).url_of(view_name, obj["id"])


class RowSerializer(serializers.Serializer[Any]):
    """A serializer that represents a row exactly as DRF does."""

    rows_are_dicts: ClassVar[bool] = False

    def to_representation(self, row: Any) -> dict[str, Any]:
        return {name: read(row, self) for name, read in _readers(type(self))}

    @property
    def shown(self) -> Any:
        """All rows of the response."""
        whole = cast(Any, self.parent)  # the serializer of a list
        return whole.instance if whole else [self.instance]

    def url_of(self, name: str, key: object = None, part: str = "pk", **others: object) -> str:
        """Return the absolute URL whose `part` is a row's key, if it has one."""
        ends = _path(name, "" if key is None else part, *others.items())
        return f"{self._site}{str(key).join(ends)}"

    @cached_property
    def _site(self) -> str:
        return str(self.context["request"].build_absolute_uri("/")).removesuffix("/")


@lru_cache(maxsize=256)
def _path(name: str, part: str, *others: tuple[str, object]) -> list[str]:
    """Return what is before and after the key in a URL's path."""
    place = dict(others) | ({part: KEY} if part else {})
    return reverse(name, kwargs=place).split(KEY)


@cache
def _readers(kind: type[RowSerializer]) -> list[tuple[str, Reader]]:
    return [(name, _reader(kind, field)) for name, field in kind().fields.items()]


def _reader(kind: type[RowSerializer], field: Any) -> Reader:
    if isinstance(field, serializers.SerializerMethodField):
        method = getattr(kind, str(field.method_name))
        return lambda row, serializer: method(serializer, row)
    if isinstance(field, serializers.HyperlinkedIdentityField):
        return _url_reader(kind, field)
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        key = attrgetter(f"{field.source}_id")
        return lambda row, _serializer: key(row)
    if isinstance(field, serializers.SlugRelatedField):
        slug = attrgetter(str(field.slug_field))
        return _value_reader(attrgetter(str(field.source)), lambda row, _serializer: slug(row))
    get = (itemgetter if kind.rows_are_dicts else attrgetter)(field.source)
    if type(field) in AS_THEY_ARE:
        return lambda row, _serializer: get(row)
    return _value_reader(get, _representation(field))


def _url_reader(kind: type[RowSerializer], field: serializers.HyperlinkedIdentityField) -> Reader:
    name, part = str(field.view_name), field.lookup_url_kwarg
    key = itemgetter("id") if kind.rows_are_dicts else attrgetter(field.lookup_field)
    return lambda row, serializer: serializer.url_of(name, key(row), part)


def _value_reader(get: Callable[[Any], Any], represent: Reader) -> Reader:
    def read(row: Any, serializer: RowSerializer) -> Any:
        value = get(row)
        return None if value is None else represent(value, serializer)

    return read


def _representation(field: Any) -> Reader:
    if isinstance(field, serializers.DateTimeField):  # in UTC, as the database returns it
        return lambda moment, _serializer: moment.isoformat().replace("+00:00", "Z")
    if isinstance(field, serializers.ListSerializer):
        return _rows_reader(type(field.child))
    if isinstance(field, RowSerializer):
        kind = type(field)
        return lambda row, parent: kind(context=parent.context).to_representation(row)
    return lambda value, _serializer: field.to_representation(value)


def _rows_reader(kind: type[Any]) -> Reader:
    def read(rows: Any, parent: RowSerializer) -> list[Any]:
        serializer = kind(context=parent.context)
        return [serializer.to_representation(row) for row in rows]

    return read
