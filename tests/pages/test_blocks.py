"""A page is read as its blocks, in order, with their remarks; a block shown inside another is no block of its own."""

from tests.pages.blocks import Block, blocks

PAGE = """
text

<!-- file: app.py -->
```python
one = 1
```

<!-- invisible-code-block: sh
true
-->

1. in a list:

   <!-- not run: it never ends -->
   ```sh
   make demo
   ```

```{toctree}
tutorial
```

````text
```python
shown only
```
````
"""


def test_a_page_is_read_as_its_blocks_and_remarks() -> None:
    assert blocks(PAGE) == [
        Block("python", "one = 1\n", 5, "file", "app.py"),
        Block("sh", "true\n", 9),
        Block("sh", "make demo\n", 16, "not run", "it never ends"),
        Block("{toctree}", "tutorial\n", 20),
        Block("text", "```python\nshown only\n```\n", 24),
    ]


def test_a_remark_two_lines_above_a_block_is_no_remark_on_it() -> None:
    assert blocks("<!-- not run: far away -->\n\n```sh\ntrue\n```\n")[0].remark is None
