"""`python -m facerep`: the same program as `facerep`."""

from facerep.cli.main import main

if __name__ == "__main__":
    main()
