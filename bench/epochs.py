"""A process that trains one epoch for each line that it is given: `python epochs.py facerep|libraries PEOPLE PICTURES`.

The first word says who chooses the threads. It prints seconds, images and its peak memory.
"""

from __future__ import annotations

import sys

from facerep import threads

if sys.argv[1] == "facerep":
    threads.choose()  # before anything that loads numpy or torch

import training
from facerep.console import console
from facerep.training.recipe import read_recipe
from row import peak


def main(people: int, pictures: int) -> None:
    """Train whenever a line comes, until there are no more."""
    console.quiet = True
    recipe = read_recipe("modern", training.RECIPE)
    cut = training.crops(people, pictures)
    for _ in sys.stdin:
        seconds = training.epoch(recipe, cut)[0]
        print(seconds, training.images(recipe, cut), peak(), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[2]), int(sys.argv[3]))
