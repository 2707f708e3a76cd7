"""URLs of pages, share links, accounts and health checks."""

from django.urls import path
from django.views.generic import RedirectView

from soundscapes.web import (
    account_data,
    health,
    history,
    library,
    public_share,
    remixes,
    share_links,
    soundscapes,
    studio,
)
from soundscapes.web.accounts import pages, sign_up, single_sign_on
from soundscapes.web.app import feeds, guests, installation, slideshow, streams
from soundscapes.web.programs import metrics, webhooks

MOVED = {
    "sign-in": "account_login",
    "sign-up": "account_signup",
    "password": "account_change_password",
    "reset": "account_reset_password",
    "e-mail": "account_email",
}
"""Addresses of earlier versions, which are in bookmarks and links, by what took their place."""


urlpatterns = [
    path("", studio.studio, name="studio"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="prometheus"),
    path("favicon.ico", studio.favicon, name="favicon"),
    path("app.webmanifest", installation.manifest, name="manifest"),
    path("service-worker.js", installation.service_worker, name="service_worker"),
    path("offline/", installation.offline, name="offline"),
    path("receive/", installation.receive, name="receive"),
    path("guest/", guests.guest, name="guest"),
    path("slideshow/", slideshow.slideshow, name="slideshow"),
    path("soundscapes/", history.history, name="history"),
    path("soundscapes/new/", soundscapes.create, name="create"),
    path("soundscapes/random/", soundscapes.create_random, name="create_random"),
    path("soundscapes/new/<uuid:pk>/", soundscapes.create_from, name="create_from"),
    path("soundscapes/<uuid:pk>/", soundscapes.detail, name="soundscape"),
    path("soundscapes/<uuid:pk>/status/", soundscapes.status, name="soundscape_status"),
    path("soundscapes/<uuid:pk>/retry/", soundscapes.retry, name="soundscape_retry"),
    path("soundscapes/<uuid:pk>/cancel/", soundscapes.cancel, name="soundscape_cancel"),
    path("soundscapes/<uuid:pk>/title/", library.rename, name="rename"),
    path("soundscapes/<uuid:pk>/favourite/", library.favourite, name="favourite"),
    path("soundscapes/delete/", library.delete, name="delete"),
    path("soundscapes/restore/", library.restore, name="restore"),
    path("soundscapes/<uuid:pk>/remix/", remixes.create_remix, name="remix"),
    path("soundscapes/<uuid:pk>/saving/", remixes.saving, name="remix_saving"),
    path("soundscapes/<uuid:pk>/layer/", remixes.layer_row, name="layer_row"),
    path("soundscapes/<uuid:pk>/share/", share_links.make_link, name="share"),
    path("soundscapes/<uuid:pk>/parts/<int:number>/", soundscapes.part, name="part"),
    path(
        "soundscapes/<uuid:pk>/parts/clips/<int:place>/<slug:checksum>/",
        soundscapes.part_clip,
        name="part_clip",
    ),
    path("s/<slug:token>/", public_share.page, name="shared"),
    path("s/<slug:token>/parts/<int:number>/", public_share.part, name="shared_part"),
    path(
        "s/<slug:token>/parts/clips/<int:place>/<slug:checksum>/",
        public_share.part_clip,
        name="shared_part_clip",
    ),
    path("s/<slug:token>/embed/", public_share.embed, name="shared_embed"),
    path("s/<slug:token>/copy/", public_share.save_copy, name="save_copy"),
    path("s/<slug:token>/audio.wav", public_share.audio, name="shared_audio"),
    path("s/<slug:token>/picture.jpg", public_share.image, name="shared_picture"),
    path("s/<slug:token>/thumbnail.webp", public_share.thumbnail, name="shared_thumbnail"),
    path("s/<slug:token>/spectrogram.png", public_share.spectrogram, name="shared_spectrogram"),
    path("s/<slug:token>/credits.txt", public_share.credits_file, name="shared_credits"),
    path("account/", pages.account, name="account"),
    path("account/signup/", sign_up.SignUpView.as_view(), name="account_signup"),
    path("account/invitation/<slug:token>/", sign_up.invitation, name="invitation"),
    path("first/", sign_up.make_first_administrator, name="first_administrator"),
    *(
        path(
            f"account/{old}/",
            RedirectView.as_view(pattern_name=new, permanent=True, query_string=True),
        )
        for old, new in MOVED.items()
    ),
    path("account/export/", account_data.create_export, name="create_export"),
    path("account/export/status/", account_data.export_status, name="export_status"),
    path("account/export/delete/", account_data.delete_export, name="delete_export"),
    path("account/delete/", account_data.delete_account, name="delete_account"),
    path("account/tokens/<slug:token_key>/revoke/", pages.revoke_token, name="revoke_token"),
    path("account/recordings/", account_data.recordings, name="recordings"),
    path("account/recordings/<uuid:pk>/edit/", account_data.edit_recording, name="recording_edit"),
    path(
        "account/recordings/<uuid:pk>/prefer/",
        account_data.prefer_recording,
        name="recording_prefer",
    ),
    path(
        "account/recordings/<uuid:pk>/delete/",
        account_data.delete_recording,
        name="recording_delete",
    ),
    path("account/links/", share_links.links, name="links"),
    path("account/oidc/<slug:provider_id>/login/", single_sign_on.sign_in, name="single_sign_on"),
    path(
        "account/oidc/<slug:provider_id>/login/callback/",
        single_sign_on.come_back,
        name="single_sign_on_answer",
    ),
    path("account/webhooks/", webhooks.list_webhooks, name="webhooks"),
    path("account/webhooks/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("account/webhooks/<uuid:pk>/switch/", webhooks.switch, name="switch_webhook"),
    path("account/webhooks/<uuid:pk>/delete/", webhooks.delete, name="delete_webhook"),
    path("account/deliveries/<uuid:pk>/send/", webhooks.send_again, name="send_delivery"),
    path("account/feeds/", share_links.create_feed, name="create_feed"),
    path("account/feeds/<uuid:pk>/revoke/", share_links.revoke_feed, name="revoke_feed"),
    path("account/streams/", share_links.create_stream, name="create_stream"),
    path("account/streams/<uuid:pk>/revoke/", share_links.revoke_stream, name="revoke_stream"),
    path("feed/<slug:token>/", feeds.feed, name="feed"),
    path("feed/<slug:token>/<uuid:pk>.mp3", feeds.audio, name="feed_audio"),
    path("feed/<slug:token>/<uuid:pk>.jpg", feeds.image, name="feed_image"),
    path("feed/<slug:token>/<uuid:pk>.json", feeds.chapters, name="feed_chapters"),
    path("stream/<slug:token>.mp3", streams.stream, name="stream"),
    path("account/links/<uuid:pk>/revoke/", share_links.revoke_link, name="revoke_link"),
]
