"""Reports as the administration shows them."""

import pytest
from django.template import Context, Template

from soundscapes.models.batch_jobs import Outcome


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_shown_in_words(outcome):
    template = Template("{% load admin_batch_jobs %}{{ value|outcome }}")
    assert template.render(Context({"value": outcome.value})) == outcome.label
