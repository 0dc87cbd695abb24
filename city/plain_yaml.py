"""YAML that people write by hand: data only, no key twice, no aliases."""

from __future__ import annotations

from typing import Any

import yaml


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
        yaml.YAMLError: if it is no YAML, repeats a key, or uses an alias; a few lines of aliases can become gigabytes.
        RecursionError: if it is nested too deeply.
    """
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        if isinstance(token, yaml.AliasToken):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not allowed", problem_mark=token.start_mark)
    return yaml.load(text, Loader=_Loader)  # noqa: S506  # a subclass of the safe loader
