"""Delegates without the hardware: libraries that are missing, wrong, or do nothing but tell that they were asked."""

from __future__ import annotations

import gc
import shutil
import subprocess
from pathlib import Path

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from car.config import CarConfig
from car.neural_networks import open_detector
from car.perception.delegate import EDGE_TPU_OPERATION, Delegate
from car.perception.detector import Detector
from car.perception.sidecar import ModelError

BRIGHT = np.full((240, 320, 3), 255, np.uint8)

# TfLiteDelegate and its two entry points as tensorflow/lite/core/c/common.h and
# tensorflow/lite/delegates/external/external_delegate_interface.h lay them down. It takes no part of any network.
SOURCE = r"""
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Delegate {
  void* data;
  int (*prepare)(void* context, struct Delegate* delegate);
  void* copy_from;
  void* copy_to;
  void* free_handle;
  int64_t flags;
  void* builder;
} Delegate;

typedef struct { char trace[4096]; int broken; } State;

static void tell(const State* state, const char* what) {
  FILE* file = fopen(state->trace, "a");
  if (file) { fprintf(file, "%s\n", what); fclose(file); }
}

static int prepare(void* context, Delegate* delegate) {
  State* state = delegate->data;
  tell(state, "prepared");
  return state->broken;
}

Delegate* tflite_plugin_create_delegate(char** keys, char** values, size_t count, void (*report)(const char*)) {
  Delegate* delegate = calloc(1, sizeof *delegate);
  State* state = calloc(1, sizeof *state);
  delegate->data = state;
  delegate->prepare = prepare;
  for (size_t k = 0; k < count; k++) {
    if (!strcmp(keys[k], "trace")) strncpy(state->trace, values[k], sizeof state->trace - 1);
    if (!strcmp(keys[k], "broken")) state->broken = atoi(values[k]);
    if (!strcmp(keys[k], "refuse")) { report(values[k]); return NULL; }
  }
  tell(state, "created");
  return delegate;
}

void tflite_plugin_destroy_delegate(Delegate* delegate) {
  if (!delegate) return;
  tell(delegate->data, "destroyed");
  free(delegate->data);
  free(delegate);
}
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A delegate that is really loaded."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("delegate")
    source, library = folder / "delegate.c", folder / "libtells.so"
    source.write_text(SOURCE)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    return library


@pytest.fixture
def model(models: Path) -> Path:
    return models / "detector.tflite"


def test_a_delegate_is_loaded_asked_and_let_go(library: Path, model: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    config = CarConfig(
        detector_model=model, detector_delegate=str(library), detector_delegate_options={"trace": str(trace)}
    )
    detector = open_detector(config)
    assert trace.read_text().split() == ["created", "prepared"]
    assert detector.look(BRIGHT) == Detector(model).look(BRIGHT)
    del detector
    gc.collect()
    assert trace.read_text().split() == ["created", "prepared", "destroyed"]


def test_a_delegate_that_does_not_start_says_why(library: Path, model: Path) -> None:
    with pytest.raises(ModelError, match=r"libtells\.so is there and does not start \(no device\); is its device"):
        Detector(model, delegate=Delegate(str(library), {"refuse": "no device"}))
    with pytest.raises(ModelError, match="it gives no reason"):
        Detector(model, delegate=Delegate(str(library), {"refuse": ""}))


def test_a_delegate_that_cannot_take_the_model_is_named(library: Path, model: Path) -> None:
    with pytest.raises(ModelError, match=r"detector\.tflite: does not run with the delegate .*libtells\.so"):
        Detector(model, delegate=Delegate(str(library), {"broken": "1"}))


def test_a_missing_library_is_named_with_what_to_install(model: Path) -> None:
    with pytest.raises(ModelError, match=r"detector\.tflite: the delegate libedgetpu\.so\.77 cannot") as caught:
        Detector(model, delegate=Delegate("libedgetpu.so.77"))
    assert "libedgetpu1-std" in str(caught.value)
    assert "run without --delegate" in str(caught.value)
    with pytest.raises(ModelError, match="install it or give its path"):
        Detector(model, delegate=Delegate("libnothing.so"))


def test_a_library_that_is_no_delegate_is_named(model: Path, tmp_path: Path) -> None:
    text = tmp_path / "libtext.so"
    text.write_text("no library")
    with pytest.raises(ModelError, match=r"libtext\.so cannot be loaded"):
        Detector(model, delegate=Delegate(str(text)))
    with pytest.raises(ModelError, match=r"libm\.so\.6 is no TFLite delegate"):
        Detector(model, delegate=Delegate("libm.so.6"))


def test_a_model_that_is_not_compiled_for_the_edge_tpu_is_named(library: Path, model: Path, tmp_path: Path) -> None:
    shutil.copy(library, tmp_path / "libedgetpu.so.1")
    with pytest.raises(ModelError, match=r"detector\.tflite: is not compiled for the Edge TPU.*edgetpu_compiler"):
        Detector(model, delegate=Delegate(str(tmp_path / "libedgetpu.so.1")))


def test_a_model_that_is_compiled_for_the_edge_tpu_is_named_where_there_is_none(
    library: Path, model: Path, tmp_path: Path
) -> None:
    compiled = tmp_path / "compiled_edgetpu.tflite"
    compiled.write_bytes(_with_operation(model.read_bytes(), EDGE_TPU_OPERATION))
    shutil.copy(model.with_suffix(".json"), compiled.with_suffix(".json"))
    with pytest.raises(ModelError, match=r"is compiled for an Edge TPU and does not run without a delegate; give"):
        Detector(compiled)
    with pytest.raises(ModelError, match=r"does not run with .*libtells\.so; give --delegate libedgetpu\.so\.1"):
        Detector(compiled, delegate=Delegate(str(library)))


def _with_operation(content: bytes, name: str) -> bytes:
    """The model with another name for its only custom operation."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content))
    for code in model.operatorCodes:
        if code.customCode:
            code.customCode = name.encode()
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
