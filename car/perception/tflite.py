"""A TFLite model with its tensors found by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from car.perception.delegate import EDGE_TPU_OPERATION, Delegate
from car.perception.sidecar import ModelError

Array = NDArray[Any]


class TfliteModel:
    """One interpreter, used by one thread at a time."""

    def __init__(self, path: Path, threads: int = 1, delegate: Delegate | None = None) -> None:
        """Load.

        Args:
            path: the .tflite file.
            threads: that it may use.
            delegate: what runs as much of it as it can; the processor runs the rest.

        Raises:
            ModelError: if the file is missing, is no TFLite model, or does not run with this delegate or without one.
        """
        self.path = path
        if not path.is_file():
            raise ModelError(path, "there is no such file; train one or name another in the configuration")
        loaded = [] if delegate is None else [delegate.load(path)]
        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=threads, experimental_delegates=loaded)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(path, _why_it_does_not_run(str(error), delegate)) from error
        if delegate and delegate.is_for_edge_tpu and EDGE_TPU_OPERATION not in self.custom_operations():
            raise ModelError(
                path,
                f"is not compiled for the Edge TPU, so {delegate.library} would leave all of it to the processor; "
                "compile it (edgetpu_compiler; only fully quantised models) and name the new file, or run without "
                "--delegate",
            )
        self.inputs: dict[str, dict[str, Any]] = {d["name"]: d for d in self._interpreter.get_input_details()}
        self.outputs: dict[str, dict[str, Any]] = {d["name"]: d for d in self._interpreter.get_output_details()}
        self._input_names, self._output_names = dict(self.inputs), dict(self.outputs)
        self._add_signature_names()

    @property
    def named_outputs(self) -> Mapping[str, dict[str, Any]]:
        """Details of the outputs, by each name of a tensor or in a signature."""
        return self._output_names

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

    def custom_operations(self) -> dict[str, tuple[int, ...]]:
        """The operations that are not TFLite's own: from their names to the indices of the tensors that they give."""
        model = schema.Model.GetRootAs(self.path.read_bytes())
        graph = model.Subgraphs(0)
        found = {}
        for operation in (graph.Operators(k) for k in range(graph.OperatorsLength())):
            name = model.OperatorCodes(operation.OpcodeIndex()).CustomCode()
            if name:
                outputs = (operation.Outputs(k) for k in range(operation.OutputsLength()))
                found[name.decode()] = tuple(int(index) for index in outputs)
        return found

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


def _why_it_does_not_run(said: str, delegate: Delegate | None) -> str:
    if EDGE_TPU_OPERATION in said:
        given = "without a delegate" if delegate is None else f"with {delegate.library}"
        return (
            f"is compiled for an Edge TPU and does not run {given}; give --delegate libedgetpu.so.1 "
            "(detector_delegate in the configuration), or name the file that it was compiled from"
        )
    if delegate is not None:
        return f"does not run with the delegate {delegate.library} ({said})"
    return f"is not a TFLite model that runs here ({said})"
