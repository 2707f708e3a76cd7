"""Commands that start with a bucket which cannot be used."""

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from config.settings import file_storage
from tests.object_stores import names_in, with_permissions

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("bucket")]

ALL = "s3:*"
OTHER_KEY = {"S3_ACCESS_KEY": "AKIAUNKNOWN"}
COMMANDS = {"setup": {"offline": True}, "start": {"port": 99_999}}
"""Options with which they end even if they do not test the bucket."""
NO_KEYS = {"S3_ACCESS_KEY": "", "S3_SECRET_KEY": ""}


@pytest.fixture
def configure(settings, monkeypatch):
    """Return a function that changes variables of the environment."""

    def change(**environment: str) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.STORAGES = settings.STORAGES | {"default": file_storage()}

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return change


def complaint(command: str = "start") -> str:
    with pytest.raises(CommandError) as caught:
        call_command(command, **COMMANDS[command])
    return str(caught.value)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_bucket_that_does_not_exist(configure, command):
    configure(S3_BUCKET="elsewhere")
    wanted = "The bucket “elsewhere” does not exist. Create it, or change S3_BUCKET or S3_ENDPOINT."
    assert complaint(command) == wanted


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"S3_ENDPOINT": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"S3_BUCKET": "Our sounds"}, "Check S3_BUCKET"),
        (NO_KEYS, "needs credentials. Set S3_ACCESS_KEY and S3_SECRET_KEY."),
    ],
)
def test_a_setting_that_needs_no_store_to_be_wrong(configure, changed, words):
    configure(**changed)
    assert words in complaint()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (OTHER_KEY, "refuses the access key. Change S3_ACCESS_KEY."),
        ({"S3_SECRET_KEY": "wrong"}, "refuses the secret key. Change S3_SECRET_KEY."),
    ],
)
def test_keys_that_the_store_does_not_know(bucket, configure, changed, words):
    with with_permissions(bucket, ALL) as environment:
        configure(**environment | changed)
        assert words in complaint()


@pytest.mark.parametrize("lacking", ["ListBucket", "PutObject", "GetObject", "DeleteObject"])
def test_a_key_that_may_not_do_everything(bucket, configure, lacking):
    rights = {"ListBucket", "PutObject", "GetObject", "DeleteObject"} - {lacking}
    with with_permissions(bucket, *(f"s3:{right}" for right in rights)) as environment:
        configure(**environment)
        assert "refuses to store, list, read or delete files" in complaint()


def test_a_bucket_that_can_be_used(bucket, configure):
    with with_permissions(bucket, ALL) as environment:
        configure(**environment)
        default_storage.check()
    assert names_in(bucket) == set()
