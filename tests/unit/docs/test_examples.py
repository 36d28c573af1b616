"""Python examples of the documentation give what is printed beneath them."""

import doctest

import pytest

from tests.documents import Example, examples


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.page.stem}:{example.line}")
def test_a_python_example_gives_what_is_printed_beneath_it(example: Example) -> None:
    test = doctest.DocTestParser().get_doctest(
        example.code, {}, example.page.name, str(example.page), example.line
    )
    assert test.examples, "no >>> in it: nothing says what it gives"
    said: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert result.failed == 0, "".join(said)
