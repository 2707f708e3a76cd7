"""An application with a kind of job that the product does not know: postcards of images."""
