package io.inferc.backend.migraphx;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of runs, as MIGraphX takes them: where each lies and what shape it has. It keeps the
 * memory reachable, though not the tensors open.
 */
final class Parameters implements AutoCloseable {
  private long handle;
  private final List<ByteBuffer> memory = new ArrayList<>();

  private Parameters(long handle) {
    this.handle = handle;
  }

  /** Lays tensors over a program's inputs, after checking each against it. */
  static Parameters of(
      ElementTypes types, List<TensorSpec> inputs, Program program, Tensor[] tensors)
      throws MigraphxCallException {
    Parameters made = create();
    boolean complete = false;
    try {
      for (int i = 0; i < tensors.length; i++) {
        String name = inputs.get(i).name();
        NativeShape expected = program.inputs().get(name);
        // An input that the model never reads may be gone from the program.
        if (expected != null) {
          check(name, expected, tensors[i]);
          made.add(types, name, tensors[i]);
        }
      }
      complete = true;
      return made;
    } finally {
      if (!complete) {
        made.close();
      }
    }
  }

  /** Makes an empty list of parameters. */
  static Parameters create() throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1)) {
      return new Parameters(
          Calls.handle(
              MigraphxApi.migraphx_program_parameters_create(out.address()),
              out,
              "migraphx_program_parameters_create"));
    }
  }

  /** Refuses a tensor that is not what a program takes for an input. */
  static void check(String name, @Nullable NativeShape expected, Tensor tensor) {
    boolean fits =
        expected != null
            && expected.type() == tensor.type()
            && (expected.dynamic()
                || (expected.hasSizes(tensor.shape()) && expected.bytes() == tensor.byteSize()));
    if (!fits || tensor.byteSize() == 0) {
      throw new InfercException(
          Stage.RUN,
          "Tried to read the input '"
              + name
              + "' from "
              + tensor
              + ", but the program takes "
              + expected
              + ".",
          "Bind a tensor of that type and shape, with 1 element at least.");
    }
  }

  private void add(ElementTypes types, String name, Tensor tensor) throws MigraphxCallException {
    ByteBuffer bytes = tensor.bytes();
    long shape = NativeShape.create(types.code(tensor.type()), tensor.shape());
    add(name, shape, MigraphxSession.address(bytes));
    memory.add(bytes);
  }

  /** Adds memory that the caller keeps for as long as these parameters are used. */
  void add(ElementTypes types, String name, NativeShape shape, long address)
      throws MigraphxCallException {
    add(name, shape.create(types), address);
  }

  /** Takes over the shape. */
  private void add(String name, long shape, long address) throws MigraphxCallException {
    try (NativeMemory out = NativeMemory.words(1);
        NativeMemory text = NativeMemory.text(name)) {
      long argument =
          Calls.handle(
              MigraphxApi.migraphx_argument_create(out.address(), shape, address),
              out,
              "migraphx_argument_create");
      try {
        Calls.check(
            MigraphxApi.migraphx_program_parameters_add(handle, text.address(), argument),
            "migraphx_program_parameters_add");
      } finally {
        MigraphxApi.migraphx_argument_destroy(argument);
      }
    } finally {
      MigraphxApi.migraphx_shape_destroy(shape);
    }
  }

  long handle() {
    return handle;
  }

  @Override
  public void close() {
    long owned = handle;
    handle = 0;
    if (owned != 0) {
      MigraphxApi.migraphx_program_parameters_destroy(owned);
    }
    memory.clear();
  }
}
