"""The documented endpoints at the root, and the resources that their answers point to."""

from django.urls import path

from soundscapes.api import documented, resources

urlpatterns = [
    path("random_image", documented.RandomImageView.as_view(), name="random_image"),
    path("upload_image", documented.UploadImageView.as_view(), name="upload_image"),
    path("generate_audio", documented.GenerateAudioView.as_view(), name="generate_audio"),
    path("api/v1/images/<uuid:pk>/", resources.ImageView.as_view(), name="api_image"),
    path(
        "api/v1/generations/<uuid:pk>/", resources.GenerationView.as_view(), name="api_generation"
    ),
]
