"""Signed requests, their time limits, and the addresses that they may reach."""

import socket
from ipaddress import ip_address, ip_network
from time import monotonic

import pytest
from standardwebhooks import Webhook as Verifier

from soundscapes.models.webhooks.webhooks import new_secret
from soundscapes.webhooks import sending

BODY = b'{"type": "generation.ready"}'


def resolve_to(monkeypatch, *addresses):
    """Let every host name have these addresses; return the names that were looked up."""
    asked = []
    real = socket.getaddrinfo

    def answer(host, port, *args, **options):
        if host in addresses:  # a connection to an address
            return real(host, port, *args, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_request_is_sent_and_its_status_returned(receiver):
    receiver.status = 202
    assert sending.post(f"{receiver.url}?a=b", BODY, {"X-One": "1"}) == 202
    ((path, headers, body),) = receiver.received
    assert (path, headers["X-One"], body) == ("/hook?a=b", "1", BODY)


def test_an_independent_implementation_accepts_the_signature(settings):
    secret, timestamp = new_secret(), 1_700_000_000
    signed = sending.signature(secret, "msg_1", timestamp, BODY)
    assert Verifier(secret).sign("msg_1", _moment(timestamp), BODY.decode()) == signed


def _moment(timestamp):
    from datetime import UTC, datetime

    return datetime.fromtimestamp(timestamp, UTC)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "::7f00:1",
    ],
)
def test_private_addresses_are_refused(address):
    assert not sending.is_allowed(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are_allowed(address):
    assert sending.is_allowed(ip_address(address))


def test_a_setting_allows_one_network(settings):
    settings.WEBHOOK_NETWORKS = [ip_network("192.168.1.0/24")]
    assert sending.is_allowed(ip_address("192.168.1.7"))
    assert sending.is_allowed(ip_address("::ffff:192.168.1.7"))
    assert not sending.is_allowed(ip_address("192.168.2.7"))


def test_no_connection_is_made_to_a_private_address(receiver, settings):
    settings.WEBHOOK_NETWORKS = []
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"):
        with pytest.raises(sending.DeliveryError, match="private network"):
            sending.post(f"http://{host}:{receiver.port}/hook", BODY, {})
    assert receiver.received == []


def test_the_connection_goes_to_the_address_that_was_checked(receiver, monkeypatch):
    """The name is looked up once: a second answer of its server cannot lead elsewhere."""
    asked = resolve_to(monkeypatch, "10.1.2.3", "127.0.0.1")
    assert sending.post(f"http://hooks.example:{receiver.port}/hook", BODY, {}) == 204
    assert asked == ["hooks.example"]
    ((_path, headers, _body),) = receiver.received
    assert headers["Host"] == f"hooks.example:{receiver.port}"


def test_redirects_are_not_followed(receiver):
    receiver.status, receiver.location = 302, receiver.url
    assert sending.post(receiver.url, BODY, {}) == 302
    assert len(receiver.received) == 1


def test_a_server_that_sends_a_byte_now_and_then_is_cut_off(receiver, monkeypatch):
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.3)
    receiver.trickles = True
    began = monotonic()
    with pytest.raises(sending.DeliveryError, match="did not answer within"):
        sending.post(receiver.url, BODY, {})
    assert monotonic() - began < 5


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://nowhere.invalid/", "was not found"),
        ("http://127.0.0.1:9/", "cannot be reached"),
        ("https://127.0.0.1:{port}/", "encrypted connection failed"),
    ],
)
def test_a_failure_is_explained(receiver, url, words):
    with pytest.raises(sending.DeliveryError, match=words):
        sending.post(url.format(port=receiver.port), BODY, {})


def test_a_server_that_does_not_speak_http_is_reported(settings, receiver):
    with socket.create_server(("127.0.0.1", 0)) as server:
        import threading

        def answer():
            connected, _address = server.accept()
            with connected:
                connected.recv(1000)
                connected.sendall(b"220 mail.example ESMTP\r\n" * 3)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(sending.DeliveryError, match="did not answer in HTTP"):
            sending.post(f"http://127.0.0.1:{server.getsockname()[1]}/", BODY, {})
