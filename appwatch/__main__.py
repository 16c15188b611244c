"""`python -m appwatch` is the same as `appwatch`."""

from appwatch.cli import main

if __name__ == "__main__":
    main()
