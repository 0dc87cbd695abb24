"""A TFLite model with its tensors found by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from car.perception.sidecar import ModelError

Array = NDArray[Any]


class TfliteModel:
    """One interpreter, used by one thread at a time."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load.

        Raises:
            ModelError: if the file is missing or is no TFLite model.
        """
        self.path = path
        if not path.is_file():
            raise ModelError(path, "there is no such file; train one or name another in the configuration")
        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(path, f"is not a TFLite model that runs here ({error})") from error
        self.inputs: dict[str, dict[str, Any]] = {d["name"]: d for d in self._interpreter.get_input_details()}
        self.outputs: dict[str, dict[str, Any]] = {d["name"]: d for d in self._interpreter.get_output_details()}
        self._input_names, self._output_names = dict(self.inputs), dict(self.outputs)
        self._add_signature_names()

    def input(self, name: str) -> dict[str, Any]:
        """Details of an input, by the name of its tensor or in the signature.

        Raises:
            ModelError: if there is none of that name.
        """
        return self._known(self._input_names, name, "input")

    def output(self, name: str) -> dict[str, Any]:
        """Details of an output, by the name of its tensor or in the signature.

        Raises:
            ModelError: if there is none of that name.
        """
        return self._known(self._output_names, name, "output")

    def set(self, detail: dict[str, Any], value: Array) -> None:
        """Fill an input."""
        self._interpreter.set_tensor(detail["index"], value)

    def invoke(self) -> None:
        """Run."""
        self._interpreter.invoke()

    def get(self, detail: dict[str, Any]) -> Array:
        """A copy of an output, turned into floats if it is quantised."""
        value: Array = self._interpreter.get_tensor(detail["index"])
        if value.dtype.kind == "f":
            return value
        scale, zero_point = detail["quantization"]
        unpacked: Array = (value.astype(np.float32) - zero_point) * (scale or 1.0)
        return unpacked

    def _known(self, details: dict[str, dict[str, Any]], name: str, what: str) -> dict[str, Any]:
        if name not in details:
            raise ModelError(self.path, f"has no {what} {name!r}; it has {', '.join(sorted(details))}")
        return details[name]

    def _add_signature_names(self) -> None:
        for key in self._interpreter.get_signature_list():
            runner = self._interpreter.get_signature_runner(key)
            for known, named in (
                (self._input_names, runner.get_input_details()),
                (self._output_names, runner.get_output_details()),
            ):
                for name, detail in named.items():
                    known.setdefault(name, detail)
