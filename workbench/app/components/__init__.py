"""The one widget of our own: a table of records that the keyboard can walk."""
