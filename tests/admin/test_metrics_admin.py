"""The metrics page."""

import csv
import io
import xml.etree.ElementTree as ET

import pytest
from django.core.cache import cache
from django.urls import reverse

from soundscapes.operations import metrics
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def image_set():
    return factories.ImageSetFactory(name="=Seaside")


@pytest.fixture
def found(image_set, owner):
    """Create three images of a set and one of a user, matched with dog and sea waves."""
    dog, waves = factories.category_named("dog"), factories.category_named("sea_waves")
    for first, second in ((dog, waves), (dog, waves), (waves, dog)):
        image = factories.ImageFactory(owner=None, image_set=image_set)
        factories.SimilarityFactory(image=image, category=first, rank=1, score=0.5)
        factories.SimilarityFactory(image=image, category=second, rank=2, score=0.2)
    mine = factories.ImageFactory(owner=owner, title="My secret garden")
    factories.SimilarityFactory(image=mine, category=waves, rank=3, score=0.1)
    return dog, waves


@pytest.mark.parametrize(
    ("sort", "slugs"),
    [
        ("-first", ["dog", "sea_waves"]),
        ("first", ["sea_waves", "dog"]),
        ("category", ["dog", "sea_waves"]),
        ("-category", ["sea_waves", "dog"]),
        ("nonsense", ["dog", "sea_waves"]),
    ],
)
def test_the_table_sorts_by_every_column(browser, found, sort, slugs):
    answer = browser.get(reverse("metrics"), {"sort": sort})
    assert [row.slug for row in answer.context["shown"].rows] == slugs


def test_users_images_appear_as_averages_only(browser, found):
    shown = browser.get(reverse("metrics"), {"set": "users"}).text
    assert "waves on a beach" in shown
    assert "secret garden" not in shown


def test_the_page_opens_on_a_set_that_has_been_matched(browser, found):
    factories.ImageSetFactory(name="  A set without matches")
    shown = browser.get(reverse("metrics")).context["shown"]
    assert shown.name == "=Seaside"
    assert shown.rows


@pytest.mark.parametrize("query", [{"set": "9999"}, {"set": "x" * 500}, {"encoder": "none"}])
def test_unknown_values_fall_back_to_defaults(browser, found, query):
    assert browser.get(reverse("metrics"), query).status_code == 200
    assert browser.get(reverse("metrics_svg"), query).status_code == 200


def test_the_chart_is_svg_without_styles_or_scripts(browser, found):
    answer = browser.get(reverse("metrics_svg"))
    assert answer.headers["Content-Type"] == "image/svg+xml"
    root = ET.fromstring(answer.text)  # noqa: S314 - trusted
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "a dog barking" in texts
    assert "0.400" in texts
    assert "style" not in answer.text
    assert "script" not in answer.text


def test_the_csv_has_all_sets_and_no_formulas(browser, found):
    answer = browser.get(reverse("metrics_csv"))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["set"], row["slug"], row["first"]) for row in rows] == [
        ("'=Seaside", "dog", "2"),
        ("'=Seaside", "sea_waves", "1"),
        (metrics.USERS, "sea_waves", "0"),
    ]
    assert float(rows[0]["average"]) == pytest.approx(0.4)


def test_a_failed_gpu_is_shown_with_its_machine_and_reason(browser):
    factories.HeartbeatFactory(host="left", trouble="cuda failed, CLIP runs on the CPU: no memory")
    shown = browser.get(reverse("metrics")).text
    assert "left" in shown
    assert "cuda failed, CLIP runs on the CPU: no memory" in shown


def test_queue_heartbeat_and_disk_are_shown(browser):
    assert "none yet" in browser.get(reverse("metrics")).text
    factories.HeartbeatFactory()
    factories.ImageFactory(size=7)
    factories.GenerationFactory(image=factories.ImageFactory(size=5), ready=True, size=11)
    factories.GenerationFactory(image=factories.ImageFactory(size=0), size=1)
    cache.delete("storage-used")
    health = metrics.health()
    assert health.unfinished["Creating a soundscape"] == 1
    assert health.used == {"Images": 12, "Soundscapes": 12, "Other formats": 0, "Exports": 0}
    assert health.free > 0
    assert "none yet" not in browser.get(reverse("metrics")).text


def test_the_bucket_is_named(browser, bucket):
    factories.ImageFactory()
    assert f"in the bucket {bucket['S3_BUCKET']}" in browser.get(reverse("metrics")).text


def test_the_page_needs_a_constant_number_of_queries(browser, found, queries_of):
    counts = []
    for _ in range(3):
        for _ in range(3):
            factories.SimilarityFactory(image=factories.ImageFactory(of_set=True))
            factories.GenerationFactory(ready=True)
        counts.append(queries_of(lambda: browser.get(reverse("metrics"))))
    assert len(set(counts[1:])) == 1


@pytest.mark.parametrize("name", ["metrics", "metrics_csv", "metrics_svg"])
def test_others_have_no_access(name, client, sign_in, owner):
    for visitor in (client, sign_in(owner)):
        assert visitor.get(reverse(name)).url.startswith(reverse("admin:login"))
    assistant = sign_in(factories.UserFactory(is_staff=True))
    assert assistant.get(reverse(name)).status_code == 403
