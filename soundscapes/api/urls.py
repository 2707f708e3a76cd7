"""URLs of the documented endpoints (at the root), the API (/api/v1/) and files (/media/)."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from soundscapes.api import documented, media
from soundscapes.api.resources import (
    accounts,
    catalogue,
    generations,
    images,
    jobs,
    problems,
    shares,
    webhooks,
)

docs = SpectacularSwaggerSplitView.as_view(
    url_name="api_schema", template_name="api/docs.html", title="Soundscapes"
)

resources = [
    path("images/", images.ImagesView.as_view(), name="api_images"),
    path("images/<uuid:pk>/", images.ImageView.as_view(), name="api_image"),
    path("image-sets/", catalogue.ImageSetsView.as_view(), name="api_image_sets"),
    path("image-sets/<uuid:pk>/", catalogue.ImageSetView.as_view(), name="api_image_set"),
    path("categories/", catalogue.CategoriesView.as_view(), name="api_categories"),
    path("categories/<slug:slug>/", catalogue.CategoryView.as_view(), name="api_category"),
    path("clips/", catalogue.ClipsView.as_view(), name="api_clips"),
    path("clips/<uuid:pk>/", catalogue.ClipView.as_view(), name="api_clip"),
    path("generations/", generations.GenerationsView.as_view(), name="api_generations"),
    path("generations/<uuid:pk>/", generations.GenerationView.as_view(), name="api_generation"),
    path("generations/<uuid:pk>/layers/", generations.LayersView.as_view(), name="api_layers"),
    path("generations/<uuid:pk>/stems/", generations.StemsView.as_view(), name="api_stems"),
    path("generations/<uuid:pk>/plan/", generations.PlanView.as_view(), name="api_plan"),
    path(
        "generations/<uuid:pk>/versions/", generations.VersionsView.as_view(), name="api_versions"
    ),
    path("generations/<uuid:pk>/share/", shares.ShareView.as_view(), name="api_share"),
    path(
        "generations/<uuid:pk>/share/<uuid:link>/",
        shares.ShareLinkView.as_view(),
        name="api_share_link",
    ),
    path("jobs/", jobs.JobsView.as_view(), name="api_jobs"),
    path("jobs/<uuid:pk>/", jobs.JobView.as_view(), name="api_job"),
    path("jobs/<uuid:pk>/cancel/", jobs.CancelJobView.as_view(), name="api_cancel_job"),
    path("jobs/<uuid:pk>/retry/", jobs.RetryJobView.as_view(), name="api_retry_job"),
    path("tokens/", accounts.TokensView.as_view(), name="api_tokens"),
    path("tokens/<uuid:pk>/", accounts.TokenView.as_view(), name="api_token"),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="api_webhooks"),
    path("webhooks/<uuid:pk>/", webhooks.WebhookView.as_view(), name="api_webhook"),
    path(
        "webhooks/<uuid:pk>/deliveries/", webhooks.DeliveriesView.as_view(), name="api_deliveries"
    ),
    path(
        "webhook-deliveries/<uuid:pk>/send/",
        webhooks.SendDeliveryView.as_view(),
        name="api_send_delivery",
    ),
    path("me/", accounts.MeView.as_view(), name="api_me"),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", docs, name="api_docs"),
    path("problems/<slug:slug>/", problems.ProblemTypeView.as_view(), name="api_problem"),
]

files = [
    path("images/<uuid:pk>.jpg", media.ImageFileView.as_view(), name="image_file"),
    path("thumbnails/<uuid:pk>.webp", media.ThumbnailView.as_view(), name="thumbnail"),
    path("clips/<uuid:pk>.wav", media.ClipFileView.as_view(), name="clip_file"),
    path("recordings/<uuid:pk>.wav", media.RecordingFileView.as_view(), name="recording_file"),
    path("audio/<uuid:pk>.wav", media.AudioView.as_view(), name="audio"),
    path("audio/<uuid:pk>.json", media.PlanView.as_view(), name="plan"),
    path("audio/<uuid:pk>.txt", media.CreditsView.as_view(), name="credits"),
    path("stems/<uuid:pk>/<int:rank>.wav", media.StemView.as_view(), name="stem"),
    path("stems/<uuid:pk>.zip", media.StemsView.as_view(), name="stems"),
    path(
        "previews/<uuid:pk>/<int:place>/<slug:slug>.wav",
        media.PreviewView.as_view(),
        name="preview",
    ),
    path("exports/<uuid:pk>.zip", media.ExportFileView.as_view(), name="export_file"),
    path("spectrograms/<uuid:pk>.png", media.SpectrogramView.as_view(), name="spectrogram"),
]

urlpatterns = [
    path("random_image", documented.RandomImageView.as_view(), name="random_image"),
    path("upload_image", documented.UploadImageView.as_view(), name="upload_image"),
    path("generate_audio", documented.GenerateAudioView.as_view(), name="generate_audio"),
    path("api/v1/", include(resources)),
    path("media/", include(files)),
]
