"""The commands of the command line, a file a purpose. Heavy imports happen inside them."""
