"""Pagination: `count`, `next`, `previous`, `results`."""

from typing import Any, cast

from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


class PageQuery(serializers.Serializer[Any]):
    page = serializers.IntegerField(min_value=1, default=1)
    page_size = serializers.IntegerField(min_value=1, max_value=MAX_PAGE_SIZE, default=PAGE_SIZE)


class Pages(PageNumberPagination):
    """Refuse invalid page sizes, which DRF ignores."""

    page_size = PAGE_SIZE
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE
    invalid_page_message = "There is no page {page_number}. Follow `next` until it is null."

    def get_page_number(self, request: Request, paginator: Any) -> int:
        return self._query(request)["page"]

    def get_page_size(self, request: Request) -> int:
        return self._query(request)["page_size"]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = {"type": ["string", "null"], "format": "uri"}
        properties = {"count": {"type": "integer"}, "next": page, "previous": page}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": properties | {"results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        limits = {"page": {"minimum": 1}, "page_size": {"minimum": 1, "maximum": MAX_PAGE_SIZE}}
        for parameter in parameters:
            parameter["schema"] |= limits[parameter["name"]]
        return parameters

    def _query(self, request: Request) -> dict[str, int]:
        if not request.query_params.keys() & {"page", "page_size"}:
            return {"page": 1, "page_size": PAGE_SIZE}
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return cast(dict[str, int], query.validated_data)
