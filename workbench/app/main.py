"""Entry script of the app; the framework runs it for every interaction."""

if __name__ == "__main__":  # worker processes import this file under another name and must not run a page
    from workbench.app import frame

    frame.run()
