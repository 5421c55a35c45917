"""How the files in gan_core/images/weights were made, each by one command."""
