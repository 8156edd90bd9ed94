package io.inferc.backend.migraphx;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.inferc.common.InfercException;
import io.inferc.spi.BackendSession;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the program that fits the bound inputs, and copies the outputs out before the run returns.
 */
final class MigraphxSession implements BackendSession {
  private final ProgramCache<Program> programs;
  private final ProgramCompiler compiler;
  private final List<TensorSpec> outputSpecs;
  private final int profile;
  private final @Nullable Tensor[] inputs;
  private final @Nullable Tensor[] outputs;
  // Where bound outputs begin, worked out once when they are bound, and what keeps that memory.
  private final long[] outputAddresses;
  private final @Nullable ByteBuffer[] outputMemory;
  // Results of the last run that no tensor was bound for; taken once.
  private final @Nullable Tensor[] results;
  private final NativeMemory out = NativeMemory.words(2);
  private final Execution execution;
  private final Execution.Results receiver = this::copyOut;
  private @Nullable ProgramKey key;
  private @Nullable Program program;
  private boolean inputsChanged = true;

  MigraphxSession(
      ProgramCache<Program> programs,
      ProgramCompiler compiler,
      List<TensorSpec> outputSpecs,
      int profile,
      Execution execution) {
    this.programs = programs;
    this.execution = execution;
    this.compiler = compiler;
    this.outputSpecs = outputSpecs;
    this.profile = profile;
    inputs = new Tensor[compiler.inputs().size()];
    outputs = new Tensor[outputSpecs.size()];
    outputAddresses = new long[outputs.length];
    outputMemory = new ByteBuffer[outputs.length];
    results = new Tensor[outputs.length];
  }

  @Override
  public void bindInput(int index, Tensor tensor) {
    inputs[index] = tensor;
    inputsChanged = true;
  }

  @Override
  public void bindOutput(int index, Tensor tensor) {
    ByteBuffer memory = tensor.bytes();
    outputs[index] = tensor;
    outputMemory[index] = memory;
    outputAddresses[index] = address(memory);
  }

  static long address(ByteBuffer bytes) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(bytes));
  }

  @Override
  public void unbindOutput(int index) {
    outputs[index] = null;
    outputMemory[index] = null;
  }

  @Override
  public void run() {
    closeResults();
    try {
      compiler.library().select(compiler.target());
      if (inputsChanged) {
        rebind();
      }
      checkIndices();
      execution.run(receiver);
    } catch (MigraphxCallException e) {
      ProgramKey asked = key;
      throw Errors.run(
          compiler.name(), asked == null ? "that are bound" : compiler.describe(asked), e);
    }
  }

  private void checkIndices() {
    for (int i = 0; i < inputs.length; i++) {
      Tensor tensor = inputs[i];
      if (tensor != null) {
        compiler.indexBounds().check(compiler.name(), compiler.inputs().get(i), i, tensor);
      }
    }
  }

  /** Finds the program for the bound inputs, and tells MIGraphX where they lie. */
  private void rebind() throws MigraphxCallException {
    long[][] sizes = new long[inputs.length][];
    Tensor[] bound = new Tensor[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      Tensor tensor = inputs[i];
      if (tensor == null) {
        throw new IllegalStateException("no tensor is bound to " + compiler.inputs().get(i));
      }
      bound[i] = tensor;
      sizes[i] = tensor.shape();
    }
    compiler.checkRequest(profile, sizes);
    ProgramKey needed = compiler.key(profile, sizes);
    if (!needed.equals(key)) {
      giveProgramBack();
      program = programs.acquire(needed);
      key = needed;
    }
    Program ready = program;
    if (ready == null) {
      throw new IllegalStateException("no program was acquired");
    }
    execution.bind(ready, bound);
    inputsChanged = false;
  }

  private void copyOut(int index, long shape, long address) throws MigraphxCallException {
    Tensor bound = outputs[index];
    if (bound != null && isDense(shape, bound.byteSize())) {
      CMemory.memcpy(outputAddresses[index], address, bound.byteSize());
      return;
    }
    NativeShape found = NativeShape.read(compiler.library().types(), shape);
    TensorSpec spec = outputSpecs.get(index);
    long[] sizes = sizes(spec, found);
    if (found.type() != spec.type() || found.dynamic() || !spec.shape().accepts(sizes)) {
      throw unexpected("the output " + found + " where the model declares " + spec);
    }
    if (bound != null && !bound.hasShape(sizes)) {
      throw unexpected("the output " + found + " where " + bound + " is bound");
    }
    Tensor target = bound != null ? bound : Tensor.allocate(spec.type(), sizes);
    StridedCopy.copy(found, address, target);
    if (bound == null) {
      results[index] = target;
    }
  }

  /** Tells whether an output can be copied as it lies; allocates nothing. */
  private boolean isDense(long shape, long bytes) throws MigraphxCallException {
    Calls.check(MigraphxApi.migraphx_shape_dynamic(out.address(), shape), "migraphx_shape_dynamic");
    if (out.bool(0)) {
      return false;
    }
    Calls.check(MigraphxApi.migraphx_shape_bytes(out.address(), shape), "migraphx_shape_bytes");
    if (out.pointer(0) != bytes) {
      return false;
    }
    Calls.check(
        MigraphxApi.migraphx_shape_standard(out.address(), shape), "migraphx_shape_standard");
    return out.bool(0);
  }

  /** MIGraphX writes a scalar as one element. */
  private static long[] sizes(TensorSpec spec, NativeShape found) {
    boolean scalar = spec.shape().dimensions().filter(List::isEmpty).isPresent();
    return scalar && found.hasSizes(new long[0]) ? new long[0] : found.lengths();
  }

  private InfercException unexpected(String found) {
    return Arguments.unexpected(compiler.name(), found);
  }

  @Override
  public Tensor takeOutput(int index) {
    Tensor result = results[index];
    if (result == null) {
      throw new IllegalStateException(
          "no run to take the output '" + outputSpecs.get(index).name() + "' of");
    }
    results[index] = null;
    return result;
  }

  private void closeResults() {
    for (int i = 0; i < results.length; i++) {
      Tensor result = results[i];
      results[i] = null;
      if (result != null) {
        result.close();
      }
    }
  }

  private void giveProgramBack() {
    ProgramKey held = key;
    key = null;
    program = null;
    inputsChanged = true;
    if (held != null) {
      programs.release(held);
    }
  }

  @Override
  public void close() {
    closeResults();
    execution.close();
    giveProgramBack();
    Arrays.fill(inputs, null);
    Arrays.fill(outputs, null);
    Arrays.fill(outputMemory, null);
    out.close();
  }
}
