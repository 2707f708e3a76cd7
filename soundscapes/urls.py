"""Pages and media."""

from django.urls import path

from soundscapes.views import (
    accounts,
    health,
    history,
    library,
    media,
    pages,
    remixes,
    soundscapes,
)

urlpatterns = [
    path("", pages.studio, name="studio"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("favicon.ico", pages.favicon, name="favicon"),
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
    path("soundscapes/<uuid:pk>/layer/", remixes.layer_row, name="layer_row"),
    path("account/", accounts.account, name="account"),
    path("account/sign-up/", accounts.sign_up, name="sign_up"),
    path("account/tokens/<slug:token_key>/revoke/", accounts.revoke_token, name="revoke_token"),
    path("media/images/<uuid:pk>.jpg", media.ImageFileView.as_view(), name="image_file"),
    path("media/thumbnails/<uuid:pk>.jpg", media.ThumbnailView.as_view(), name="thumbnail"),
    path("media/clips/<uuid:pk>.wav", media.ClipFileView.as_view(), name="clip_file"),
    path("media/audio/<uuid:pk>.wav", media.AudioView.as_view(), name="audio"),
    path("media/audio/<uuid:pk>.json", media.PlanView.as_view(), name="plan"),
    path("media/audio/<uuid:pk>.txt", media.CreditsView.as_view(), name="credits"),
    path("media/stems/<uuid:pk>/<int:rank>.wav", media.StemView.as_view(), name="stem"),
    path("media/stems/<uuid:pk>.zip", media.StemsView.as_view(), name="stems"),
    path("media/spectrograms/<uuid:pk>.png", media.SpectrogramView.as_view(), name="spectrogram"),
]
