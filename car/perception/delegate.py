"""TFLite delegates: shared libraries that run a network on other hardware, an Edge TPU for one."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ai_edge_litert.interpreter import load_delegate

from car.perception.sidecar import ModelError

EDGE_TPU_OPERATION = "edgetpu-custom-op"  # what the Edge TPU compiler leaves of the part of a model that it took
_ENTRY_POINTS = ("tflite_plugin_create_delegate", "tflite_plugin_destroy_delegate")
_HOW_TO_INSTALL = {
    "edgetpu": "install the Edge TPU runtime (package libedgetpu1-std, see https://coral.ai/docs/accelerator/get-started)",
}


@dataclass(frozen=True, slots=True)
class Delegate:
    """A delegate's library, by name or path, and what it is told."""

    library: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_for_edge_tpu(self) -> bool:
        """Whether it runs only what the Edge TPU compiler has compiled."""
        return "edgetpu" in Path(self.library).name

    def load(self, model_path: Path) -> Any:  # noqa: ANN401  # ai_edge_litert has no types
        """Load the library and start what it drives.

        Args:
            model_path: of the model that it is wanted for, for errors.

        Raises:
            ModelError: if it is not there, is no delegate, or cannot be started.
        """
        try:
            library = ctypes.CDLL(self.library)
        except OSError as error:
            raise ModelError(
                model_path,
                f"the delegate {self.library} cannot be loaded ({error}); {self._way_out()}, or run without --delegate "
                "(detector_delegate in the configuration)",
            ) from error
        # load_delegate would print a traceback of its own for a library that lacks them.
        if not all(hasattr(library, name) for name in _ENTRY_POINTS):
            raise ModelError(
                model_path, f"the library {self.library} is no TFLite delegate: it has no {_ENTRY_POINTS[0]}"
            )
        try:
            return load_delegate(self.library, dict(self.options))
        except ValueError as error:
            reason = str(error).partition("\n")[2].strip() or "it gives no reason"
            raise ModelError(
                model_path,
                f"the delegate {self.library} is there and does not start ({reason}); is its device plugged in, free, "
                "and open to this user, and are its options right?",
            ) from error

    def _way_out(self) -> str:
        known = (text for word, text in _HOW_TO_INSTALL.items() if word in Path(self.library).name)
        return next(known, "install it or give its path")
