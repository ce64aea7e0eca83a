"""The lessons, a row each: the recipe that asks for one, and what teaches it."""

from __future__ import annotations

from facerep.training.lessons.attribute_recipe import AttributeRecipe
from facerep.training.lessons.attributes import AttributeLesson
from facerep.training.lessons.lesson import Lesson
from facerep.training.lessons.recognition import Recognition
from facerep.training.recipe import Recipe, RunRecipe

LESSONS: dict[type[RunRecipe], type[Lesson]] = {Recipe: Recognition, AttributeRecipe: AttributeLesson}
