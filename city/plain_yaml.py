"""YAML that people write by hand: data only, no key twice, no aliases, not nested without end."""

from __future__ import annotations

from typing import Any

import yaml

MAX_DEPTH = 50
_OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which a repeated key is a mistake instead of silently the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            raise yaml.MarkedYAMLError(problem="a key stands twice", problem_mark=node.start_mark)
        return mapping


def parse_yaml(text: str) -> Any:  # noqa: ANN401  # any YAML
    """What a YAML document says.

    Raises:
        yaml.YAMLError: if it is no YAML, repeats a key, uses an alias, or is nested more than MAX_DEPTH deep. A few
            lines of aliases can become gigabytes, and LibYAML's own parser overruns its stack on deep nesting.
    """
    depth = 0
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if isinstance(token, yaml.AliasToken):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not allowed", problem_mark=token.start_mark)
        if depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="it is nested too deeply", problem_mark=token.start_mark)
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  # a subclass of the safe loader
    except ValueError as error:  # looks like a date, and is none
        raise yaml.YAMLError(str(error)) from error
