"""RICH_TEXT_V2: a formatted text, kept as editor blocks and as Markdown."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.blocks.markdown import blocks_to_markdown
from rapport.metadata.fieldtypes.blocks.parse import markdown_to_blocks
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.json import parsed_json
from rapport.metadata.fieldtypes.leaves.text import RICH_TEXT
from rapport.metadata.fieldtypes.shown import shown

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class RichTextV2Type(CompositeType):
    """Two forms of one text: whichever is not given is computed from the other. The shorthand is the Markdown."""

    name = "RICH_TEXT_V2"
    graphql_output = "RichTextV2"
    may_be_unique = False
    has_shorthand = True
    search_subs = ("markdown",)
    shorthand_sub = "markdown"
    subs = (
        Sub(name="blocknote", leaf=RICH_TEXT),
        Sub(name="markdown", leaf=RICH_TEXT),
    )

    def normalised(self, field: "Field", value: Mapping[str, Json]) -> Mapping[str, Json]:
        given = {sub: self.coerced(field, sub, item) for sub, item in value.items()}
        blocknote, markdown = given.get("blocknote"), given.get("markdown")
        if isinstance(blocknote, str) and blocknote:
            blocks = parsed_json(blocknote)
            if not isinstance(blocks, list):
                raise InvalidValue(f'Invalid object value {shown(blocknote)} for field "{field.name}.blocknote"')
            return {"blocknote": blocknote, "markdown": markdown or blocks_to_markdown(blocks)}
        if isinstance(markdown, str) and markdown:
            blocks = markdown_to_blocks(markdown)
            return {"blocknote": json.dumps(blocks, ensure_ascii=False, separators=(",", ":")), "markdown": markdown}
        # An empty text empties the other form with it.
        return {"blocknote": None, "markdown": markdown} if given else {}

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        return f"to_json({column['markdown']})::text"

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        return {"markdown": value}
