package io.inferc.backend.openvino;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.inferc.spi.AbortableSession;
import io.inferc.spi.CallbackSession;
import io.inferc.tensor.DataType;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One infer request. Tensors are wrapped where they lie when they are bound, and again only if
 * another place or shape is bound; a run is one native call.
 */
final class OpenVinoSession implements AbortableSession, CallbackSession {
  private final String model;
  private final ElementTypes types;
  private final List<TensorSpec> outputs;
  private final CompiledShape shape;
  private final int[] ports;
  private final Consumer<OpenVinoSession> onClose;
  private final Pointer request;
  private final @Nullable Bound[] boundInputs;
  private final @Nullable Bound[] boundOutputs;
  // Outputs seen to have the bound shape, and not only as many bytes, in a run since they were
  // bound.
  private final boolean[] seenAsBound;
  private final Memory cell = Calls.cell();
  private @Nullable RunCallback callback;
  private volatile boolean hasRun;
  private boolean closed;
  private volatile boolean aborted;
  private final OpenVinoC.Shape shapeArgument = new OpenVinoC.Shape();

  /**
   * A tensor as OpenVINO sees it.
   *
   * @param tensor the tensor, which may be closed while the request still uses its memory
   * @param memory keeps that memory reachable
   * @param address where it lies
   * @param handle the native view of it, or null where the request alone holds one, or OpenVINO
   *     does not know of it
   */
  private record Bound(
      Tensor tensor, ByteBuffer memory, Pointer address, @Nullable Pointer handle) {
    static Bound of(Tensor tensor) {
      ByteBuffer memory = tensor.bytes();
      return new Bound(tensor, memory, Native.getDirectBufferPointer(memory), null);
    }

    Bound with(@Nullable Pointer view) {
      return new Bound(tensor, memory, address, view);
    }

    boolean isSame(Bound other) {
      return address.equals(other.address)
          && tensor.type() == other.tensor.type()
          && tensor.hasShape(other.tensor.shape());
    }
  }

  OpenVinoSession(
      String model,
      ElementTypes types,
      InputPorts inputs,
      List<TensorSpec> outputs,
      CompiledShape shape,
      Consumer<OpenVinoSession> onClose) {
    this.model = model;
    this.onClose = onClose;
    this.types = types;
    this.outputs = outputs;
    this.shape = shape;
    ports = inputs.ports().stream().mapToInt(Integer::intValue).toArray();
    boundInputs = new Bound[inputs.portCount()];
    boundOutputs = new Bound[outputs.size()];
    seenAsBound = new boolean[outputs.size()];
    try {
      request = shape.newRequest();
    } catch (CallException e) {
      throw Errors.run(model, e);
    }
  }

  @Override
  public void bindInput(int index, Tensor tensor) {
    int port = ports[index];
    if (port == InputPorts.NONE) {
      return;
    }
    Bound bound = Bound.of(tensor);
    Bound former = boundInputs[port];
    if (former != null && former.isSame(bound)) {
      boundInputs[port] = bound;
      return;
    }
    try {
      Pointer handle = wrap(bound);
      try {
        Calls.check(OpenVinoC.ov_infer_request_set_input_tensor_by_index(request, port, handle));
      } finally {
        OpenVinoC.ov_tensor_free(handle);
      }
    } catch (CallException e) {
      throw Errors.run(model, e);
    }
    boundInputs[port] = bound;
  }

  @Override
  public void bindOutput(int index, Tensor tensor) {
    Bound bound = Bound.of(tensor);
    if (shape.inputReturnedBy(index).isPresent()) {
      boundOutputs[index] = bound;
      return;
    }
    Bound former = boundOutputs[index];
    if (former != null && former.isSame(bound)) {
      boundOutputs[index] = bound.with(former.handle());
      return;
    }
    Pointer handle = null;
    try {
      handle = wrap(bound);
      Calls.check(OpenVinoC.ov_infer_request_set_output_tensor_by_index(request, index, handle));
    } catch (CallException e) {
      if (handle != null) {
        OpenVinoC.ov_tensor_free(handle);
      }
      throw Errors.run(model, e);
    }
    forget(index);
    boundOutputs[index] = bound.with(handle);
    seenAsBound[index] = false;
  }

  private Pointer wrap(Bound bound) {
    Tensor tensor = bound.tensor();
    cell.clear();
    try (Memory sizes = Calls.sizes(tensor.shape())) {
      shapeArgument.set(tensor.rank(), sizes);
      Calls.check(
          OpenVinoC.ov_tensor_create_from_host_ptr(
              types.number(tensor.type()), shapeArgument, bound.address(), cell));
    }
    Pointer handle = Calls.handle(cell);
    Calls.check(OpenVinoC.ov_tensor_get_byte_size(handle, cell));
    if (cell.getLong(0) != tensor.byteSize()) {
      OpenVinoC.ov_tensor_free(handle);
      throw new CallException(
          "it takes " + tensor + " for " + cell.getLong(0) + " bytes, not " + tensor.byteSize());
    }
    return handle;
  }

  @Override
  public void unbindOutput(int index) {
    if (boundOutputs[index] == null) {
      return;
    }
    if (shape.inputReturnedBy(index).isPresent()) {
      boundOutputs[index] = null;
      return;
    }
    try {
      // An output once bound stays so until another tensor takes its place: one of OpenVINO's own,
      // which grows as it must.
      Ports.Port port = shape.outputs().get(index);
      long[] start =
          port.shape()
              .dimensions()
              .map(ds -> ds.stream().mapToLong(d -> d.size().orElse(0)).toArray())
              .orElse(new long[] {0});
      cell.clear();
      try (Memory sizes = Calls.sizes(start)) {
        shapeArgument.set(start.length, sizes);
        Calls.check(OpenVinoC.ov_tensor_create(port.type(), shapeArgument, cell));
      }
      Pointer own = Calls.handle(cell);
      try {
        Calls.check(OpenVinoC.ov_infer_request_set_output_tensor_by_index(request, index, own));
      } finally {
        OpenVinoC.ov_tensor_free(own);
      }
    } catch (CallException e) {
      throw Errors.run(model, e);
    }
    forget(index);
  }

  private void forget(int index) {
    Bound bound = boundOutputs[index];
    if (bound != null && bound.handle() != null) {
      boundOutputs[index] = null;
      OpenVinoC.ov_tensor_free(bound.handle());
    }
  }

  @Override
  public void run() {
    checkNotAborted();
    checkEnd(OpenVinoC.ov_infer_request_infer(request));
  }

  @Override
  public void start(Runnable ended) {
    checkNotAborted();
    RunCallback expecting = callback;
    try {
      if (expecting == null) {
        expecting = RunCallback.of(request);
        callback = expecting;
      }
      expecting.expect(ended);
      boolean started = false;
      try {
        Calls.check(OpenVinoC.ov_infer_request_start_async(request));
        started = true;
      } finally {
        if (!started) {
          expecting.expectNothing();
        }
      }
    } catch (CallException e) {
      throw Errors.run(model, e);
    }
  }

  private void checkNotAborted() {
    if (aborted) {
      throw Errors.run(model, new CallException("it was cancelled before it began"));
    }
  }

  /** OpenVINO knows of a cancelled run only while it is under way. */
  @Override
  public synchronized void abort() {
    aborted = true;
    if (!closed) {
      OpenVinoC.ov_infer_request_cancel(request);
    }
  }

  @Override
  public void resume() {
    aborted = false;
  }

  /** The callback is not told how the run ended; waiting for it tells. */
  @Override
  public void finish() {
    checkEnd(OpenVinoC.ov_infer_request_wait(request));
  }

  private void checkEnd(int status) {
    try {
      Calls.check(status);
      hasRun = true;
      for (int i = 0; i < boundOutputs.length; i++) {
        Bound bound = boundOutputs[i];
        if (bound != null && bound.handle() != null) {
          checkStillThere(i, bound.tensor(), bound.handle());
        } else if (bound != null) {
          Bound same = boundInputs[shape.inputReturnedBy(i).orElseThrow()];
          bound.tensor().copyFrom(Objects.requireNonNull(same).tensor());
        }
      }
    } catch (CallException e) {
      throw Errors.run(model, e);
    }
  }

  /** OpenVINO changes the view of a bound tensor where the model breaks its own declaration. */
  private void checkStillThere(int index, Tensor tensor, Pointer handle) {
    Calls.check(OpenVinoC.ov_tensor_get_byte_size(handle, cell));
    boolean fits = cell.getLong(0) == tensor.byteSize();
    if (fits && seenAsBound[index]) {
      return;
    }
    long[] found = shapeOf(handle);
    if (fits && tensor.hasShape(found)) {
      seenAsBound[index] = true;
    } else {
      unbindOutput(index);
      // What was changed in view is bound whole again, so that the next run checks it, too.
      bindOutput(index, tensor);
      throw new CallException(
          "Shape mismatch: its output '"
              + outputs.get(index).name()
              + "' came out as "
              + Arrays.toString(found)
              + ", and the model declares "
              + outputs.get(index)
              + ", here "
              + Arrays.toString(tensor.shape()));
    }
  }

  private static long[] shapeOf(Pointer tensor) {
    Memory shape = Calls.cells(2);
    int status = OpenVinoC.ov_tensor_get_shape(tensor, shape);
    if (status == Calls.INVALID_C_PARAM) {
      // The C interface has no shape of no dimensions.
      return new long[0];
    }
    Calls.check(status);
    try {
      int rank = Math.toIntExact(shape.getLong(0));
      return rank == 0 ? new long[0] : shape.getPointer(8).getLongArray(0, rank);
    } finally {
      OpenVinoC.ov_shape_free(shape);
    }
  }

  @Override
  public Tensor takeOutput(int index) {
    TensorSpec spec = outputs.get(index);
    try {
      cell.clear();
      Calls.check(OpenVinoC.ov_infer_request_get_output_tensor_by_index(request, index, cell));
      Pointer handle = Calls.handle(cell);
      try {
        return copy(spec, handle);
      } finally {
        OpenVinoC.ov_tensor_free(handle);
      }
    } catch (CallException e) {
      throw Errors.run(model, e);
    }
  }

  private Tensor copy(TensorSpec spec, Pointer handle) {
    Calls.check(OpenVinoC.ov_tensor_get_element_type(handle, cell));
    DataType type =
        types.type(cell.getInt(0)).orElseThrow(() -> new CallException("its type is unknown"));
    if (type != spec.type()) {
      throw new CallException("the output " + spec + " came out as " + type);
    }
    Tensor copy = Tensor.allocate(type, shapeOf(handle));
    boolean complete = false;
    try {
      Calls.check(OpenVinoC.ov_tensor_get_byte_size(handle, cell));
      if (cell.getLong(0) != copy.byteSize()) {
        throw new CallException("the output " + spec + " has " + cell.getLong(0) + " bytes");
      }
      if (copy.byteSize() > 0) {
        Calls.check(OpenVinoC.ov_tensor_data(handle, cell));
        copy.bytes().put(Calls.handle(cell).getByteBuffer(0, copy.byteSize()));
      }
      complete = true;
      return copy;
    } finally {
      if (!complete) {
        copy.close();
      }
    }
  }

  /**
   * What each kernel of the last run took, where the model was compiled to measure them; empty if
   * there was none, or one is under way. Safe from any thread.
   */
  synchronized List<Profiling.Entry> profile() {
    if (!hasRun || closed) {
      return List.of();
    }
    try {
      return Profiling.read(request);
    } catch (CallException e) {
      if (e.said().contains("REQUEST_BUSY") || e.said().contains("busy")) {
        return List.of();
      }
      throw Errors.run(model, e);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      OpenVinoC.ov_infer_request_free(request);
    }
    onClose.accept(this);
    if (callback != null) {
      callback.forget();
    }
    for (int i = 0; i < boundOutputs.length; i++) {
      forget(i);
    }
  }
}
