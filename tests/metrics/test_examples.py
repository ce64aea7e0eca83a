"""The examples in docstrings of metrics hold."""

import doctest
import importlib
import pkgutil

import pytest

from facerep import metrics


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(metrics.__path__)])
def test_the_examples_of_a_module_give_what_they_say(name):
    assert doctest.testmod(importlib.import_module(f"facerep.metrics.{name}")).failed == 0
