"""One module a command or a group of commands. They import what is heavy inside their bodies, so that help is quick."""
