package io.inferc.backend.migraphx;

import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A compiled program and what it takes and returns. Several sessions may hold it; {@link
 * ProgramCache} frees it when none does.
 */
final class Program {
  private final ProgramHandle handle;
  private final Map<String, NativeShape> inputs;
  private final List<NativeShape> outputs;
  // A program has one queue and one scratch memory, so MIGraphX runs it for one thread at a time.
  private final ReentrantLock running = new ReentrantLock();

  /** Takes over a compiled program; it is freed if it cannot be read. */
  private Program(
      ProgramHandle handle, Map<String, NativeShape> inputs, List<NativeShape> outputs) {
    this.handle = handle;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  static Program of(ProgramHandle handle, ElementTypes types) throws MigraphxCallException {
    boolean complete = false;
    try {
      Program program = new Program(handle, handle.inputs(types), handle.outputs(types));
      complete = true;
      return program;
    } finally {
      if (!complete) {
        handle.close();
      }
    }
  }

  ProgramHandle handle() {
    return handle;
  }

  /** The inputs by name; a model's input that it never reads may be missing. */
  Map<String, NativeShape> inputs() {
    return inputs;
  }

  /** The outputs in the model's order. */
  List<NativeShape> outputs() {
    return outputs;
  }

  ReentrantLock running() {
    return running;
  }

  /** Frees the program. Nobody may hold it. */
  void free() {
    handle.close();
  }
}
