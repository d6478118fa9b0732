#!/usr/bin/env python3
"""Run any command of the project. Any Python from 3.8 on may start this file; it finds the right one itself."""

import os
import sys

from servicemgmt import bootstrap


def main():
    bootstrap.ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicemgmt.settings")
    from servicemgmt.embedded import commands

    commands.run(sys.argv)


if __name__ == "__main__":
    main()
