"""How the files in gan_core/weights were made, each by one command."""
