"""Which computations stand for the indicators that are stored."""

import pytest

from api.analytics.indicators import named
from stream_job.indicators.catalogue import CATALOGUE, VALUES, IndicatorDefinition


def test_every_stored_indicator_can_be_computed_with_the_same_unit_and_warm_up() -> None:
    made = {value.name: value for one in named(list(VALUES)) for value in one.definition.values}
    assert {name: (value.unit, value.warm_up) for name, value in made.items()} == {
        name: (value.unit, value.warm_up) for name, value in VALUES.items()
    }


@pytest.mark.parametrize("definition", CATALOGUE, ids=lambda definition: definition.key)
def test_values_that_belong_together_are_computed_once(definition: IndicatorDefinition) -> None:
    names = [value.name for value in definition.values]
    assert len(named(names)) == 1
