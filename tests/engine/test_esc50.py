"""Reading published ESC-50 releases."""

import zipfile

import pytest

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.esc50 import ESC10_TERMS, ESC50_TERMS, ReleaseError, open_release, words_of
from tests.conftest import SHARED
from tests.releases import small_release


@pytest.fixture
def release():
    return small_release()


def written(release, tmp_path, form):
    if form == "folder":
        return release.folder(tmp_path / "release")
    if form == "folder in a folder":
        release.folder(tmp_path / "unpacked" / "ESC-50-master")
        return tmp_path / "unpacked"
    prefix = "" if form == "zip without a folder" else "ESC-50-master/"
    return release.zip(tmp_path / "release.zip", prefix)


FORMS = ["folder", "folder in a folder", "zip", "zip without a folder"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_release_gives_its_clips_and_credits(release, tmp_path, form):
    with open_release(written(release, tmp_path, form)) as opened:
        assert opened.problems == []
        first, *_, last = opened.clips
        assert (first.filename, first.category) == ("1-100032-A-0.wav", "dog")
        assert (first.title, first.author, first.licence) == ("dog (take A).wav", "Ada", "CC0")
        assert first.url == "http://www.freesound.org/people/ada/sounds/100032/"
        assert (first.collection, last.collection) == (ESC10_TERMS, ESC50_TERMS)
        for clip in opened.clips:
            assert opened.read(clip) == release.audio[clip.filename]


def test_a_zip_is_not_unpacked_to_disk(release, tmp_path):
    path = release.zip(tmp_path / "release.zip")
    with open_release(path) as opened:
        for clip in opened.clips:
            opened.read(clip)
    assert list(tmp_path.iterdir()) == [path]


BROKEN_ROWS = {
    "a path for a name": {"filename": "../../1-100032-A-0.wav"},
    "another target": {"target": "3"},
    "another category": {"category": "cat"},
    "no category": {"category": "unicorn", "target": "77"},
    "another fold": {"fold": "4"},
    "another source": {"src_file": "1"},
    "another take": {"take": "Z"},
    "no answer": {"esc10": "perhaps"},
    "no name": {"filename": ""},
}


@pytest.mark.parametrize("harm", BROKEN_ROWS.values(), ids=BROKEN_ROWS)
def test_a_broken_row_is_reported_with_its_line_and_the_others_are_read(release, tmp_path, harm):
    release.rows[0] |= harm
    with open_release(release.zip(tmp_path / "release.zip")) as opened:
        assert [clip.filename for clip in opened.clips] == list(release.audio)[1:]
        (problem,) = opened.problems
        assert problem.where.endswith("line 2")
        assert problem.reason


def test_a_row_listed_twice_counts_once(release, tmp_path):
    release.rows.append(release.rows[0])
    with open_release(release.folder(tmp_path)) as opened:
        assert len(opened.clips) == len(release.rows) - 1
        assert "twice" in opened.problems[0].reason


def test_a_clip_without_an_author_is_rejected(release, tmp_path):
    release.licences = [line for line in release.licences if "100033" not in line]
    with open_release(release.folder(tmp_path)) as opened:
        assert "2-100033-B-0.wav" not in [clip.filename for clip in opened.clips]
        assert "author is unknown" in opened.problems[0].reason


def test_titles_and_names_may_contain_brackets_and_any_letters(release, tmp_path):
    release.licences[-1] = (
        "- [5-7-C.ogg]: clip derived from Wind (howling) [take 2], Zürich (north) "
        "(http://www.freesound.org/people/J%C3%B6rg/sounds/7/) by Jörg [the 2nd] [CC-Sampling+]"
    )
    with open_release(release.zip(tmp_path / "release.zip")) as opened:
        clip = opened.clips[-1]
    assert clip.title == "Wind (howling) [take 2], Zürich (north)"
    assert (clip.author, clip.licence) == ("Jörg [the 2nd]", "CC-Sampling+")


SPELLINGS = {
    "two spaces": ("]:  clip derived from Wind (http", "Wind"),
    "brackets": ("]: clip derived from [DrinkingCan[Norberd]](http", "DrinkingCan[Norberd]"),
    "escapes": (r"]: clip derived from sy\xf6v\xe4t \u017b (http", "syövät Ż"),
    "a bracket": ("]: clip derived from [take 2] Wind (http", "[take 2] Wind"),
    "backslash": (r"]: clip derived from a\xylophone (http", r"a\xylophone"),
}


@pytest.mark.parametrize(("line", "title"), SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_the_released_credits_is_read(release, tmp_path, line, title):
    rest = r"://www.freesound.org/people/j/sounds/7/) by J\xf6rg [CC0]"
    release.licences[-1] = "- [5-7-C.ogg" + line + rest
    with open_release(release.folder(tmp_path)) as opened:
        assert opened.problems == []
        assert (opened.clips[-1].title, opened.clips[-1].author) == (title, "Jörg")


def test_a_missing_and_a_damaged_file_are_said_when_they_are_read(release, tmp_path):
    del release.audio["1-100032-A-0.wav"]
    path = release.zip(tmp_path / "release.zip")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("ESC-50-master/audio/2-100033-B-0.wav")
    middle = member.header_offset + member.compress_size // 2
    data[middle : middle + 100] = bytes(100)
    path.write_bytes(data)
    with open_release(path) as opened:
        missing, damaged, sound = opened.clips
        with pytest.raises(ReleaseError, match="missing"):
            opened.read(missing)
        with pytest.raises(ReleaseError, match="damaged"):
            opened.read(damaged)
        assert opened.read(sound) == release.audio[sound.filename]


def test_a_zip_that_unpacks_to_far_too_much_is_not_read_whole(release, tmp_path):
    release.audio["5-7-C-16.wav"] = bytes(64 * 2**20)
    with (
        open_release(release.zip(tmp_path / "release.zip")) as opened,
        pytest.raises(ReleaseError, match="too large"),
    ):
        opened.read(opened.clips[-1])


@pytest.mark.parametrize("form", ["nothing", "empty folder", "text", "zip of something else"])
def test_a_path_that_is_not_a_release_is_rejected(tmp_path, form):
    path = tmp_path / "release"
    if form == "empty folder":
        path.mkdir()
    elif form == "text":
        path.write_text("Dear all, see you on Monday.")
    elif form == "zip of something else":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("letter.txt", "Hello")
    with pytest.raises(ReleaseError) as caught, open_release(path):
        pass
    assert str(caught.value).endswith(".")


def test_a_table_without_a_column_is_rejected(release, tmp_path):
    folder = release.folder(tmp_path)
    (folder / "meta" / "esc50.csv").write_text("filename,fold\n1-100032-A-0.wav,1\n")
    with pytest.raises(ReleaseError, match="no column target"), open_release(folder):
        pass


@pytest.mark.skipif(
    not (SHARED / "esc10").is_dir(), reason="there are no ESC-10 recordings next to this project"
)
def test_real_recordings_are_read_with_their_credits():
    folder = SHARED / "esc10"
    with open_release(folder) as opened:
        assert opened.problems == []
        assert {clip.collection for clip in opened.clips} == {ESC10_TERMS}
        assert {clip.category for clip in opened.clips} < {c.slug for c in load_catalogue()}
        assert all(clip.author and clip.url and clip.licence for clip in opened.clips)
        assert all(opened.read(clip).startswith(b"RIFF") for clip in opened.clips)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Close sea waves", "Close sea waves"),
        ("sea_water_passing_through_pier_hole.WAV", "sea water passing through pier hole"),
        ("sea on the road, night", "sea on the road night"),
    ],
)
def test_a_title_is_read_as_words(title, words):
    assert words_of(title) == words
