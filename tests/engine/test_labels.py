"""ImageNet's labels: one for every output of the networks, with a name and a description."""

import dataclasses

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.matcher import BEST_PROMPTS
from soundscapes.engine.matching.offline import labels


def test_every_output_has_a_label_with_a_name_and_a_description():
    known = labels.load_labels()
    assert len(known) == labels.COUNT
    assert all(label.name.strip() and label.description.strip() for label in known)


def test_a_description_is_one_sentence_and_never_the_placeholder():
    for label in labels.load_labels():
        assert ". " not in label.description
        assert label.description != labels._NO_DESCRIPTION


def test_the_checksum_changes_with_any_word(monkeypatch):
    first, *others = labels.load_labels()
    checksum = labels.labels_checksum()
    assert labels.labels_checksum() == checksum
    for name in ("name", "description"):
        changed = dataclasses.replace(first, **{name: getattr(first, name) + "s"})
        with monkeypatch.context() as patch:
            patch.setattr(labels, "load_labels", lambda changed=changed: (changed, *others))
            assert labels.labels_checksum() != checksum


def test_label_prompts_are_of_known_categories_and_in_no_other_list():
    catalogue = {category.slug: category.prompts for category in load_catalogue()}
    for slug, prompts in labels.load_label_prompts().items():
        assert not set(prompts) & set(catalogue[slug])
        assert len(prompts) == len(set(prompts))


def test_every_category_says_enough_of_what_a_viewer_sees():
    assert all(len(category.prompts) > BEST_PROMPTS for category in load_catalogue())
