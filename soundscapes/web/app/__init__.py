"""The site as an application on a phone or a screen, and in podcast players."""
