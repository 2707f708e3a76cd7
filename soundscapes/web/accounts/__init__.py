"""Sign-up, sign-in and the account page: what allauth leaves to the project."""
