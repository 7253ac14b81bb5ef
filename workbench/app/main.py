"""Entry script of the app; the framework runs it for every interaction."""

from workbench.app import frame

frame.run()
