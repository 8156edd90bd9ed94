package io.inferc.backend.migraphx;

import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program asynchronously on a stream of its own: copies in, the run and copies out are put
 * into the stream one after the other, and only then is it waited for. Several sessions of one
 * program overlap so, as far as the program lets them: it computes one run after the other, and
 * another session's copies go on meanwhile.
 *
 * <p>The program must have been compiled without MIGraphX's own copies (offload copy), so that its
 * inputs, and its outputs as further parameters, lie in memory of the device.
 */
final class StreamExecution implements Execution {
  private final StreamRuntime runtime;
  private final ElementTypes types;
  private final List<TensorSpec> inputs;
  private final Arguments returned;
  private final NativeMemory queueType;
  private final List<Staged> feeds = new ArrayList<>();
  // The callers' memory that feeds come from; it stays reachable until something else is bound.
  private final List<ByteBuffer> sources = new ArrayList<>();
  private final List<Long> onDevice = new ArrayList<>();
  private final List<Staged> landings = new ArrayList<>();
  private long stream;
  private @Nullable Program program;
  private @Nullable Parameters parameters;

  StreamExecution(
      StreamRuntime runtime, String model, ElementTypes types, List<TensorSpec> inputs) {
    this.runtime = runtime;
    this.types = types;
    this.inputs = inputs;
    returned = new Arguments(model);
    queueType = NativeMemory.text(runtime.streamTypeName());
  }

  /** Memory on one side of a copy, and how much there is. */
  private static final class Staged {
    private final int index;
    private final long address;
    private final long bytes;
    private long sourceAddress;

    Staged(int index, long address, long bytes) {
      this.index = index;
      this.address = address;
      this.bytes = bytes;
    }
  }

  @Override
  public void bind(Program next, Tensor[] tensors) throws MigraphxCallException {
    if (next != program) {
      freeAll();
      boolean complete = false;
      try {
        allocate(next);
        program = next;
        complete = true;
      } finally {
        if (!complete) {
          freeAll();
        }
      }
    }
    sources.clear();
    for (Staged feed : feeds) {
      TensorSpec input = inputs.get(feed.index);
      Tensor tensor = tensors[feed.index];
      Parameters.check(input.name(), next.inputs().get(input.name()), tensor);
      ByteBuffer bytes = tensor.bytes();
      sources.add(bytes);
      feed.sourceAddress = MigraphxSession.address(bytes);
    }
  }

  /** Makes room for a program's parameters on the device and for its outputs on the host. */
  private void allocate(Program next) throws MigraphxCallException {
    if (stream == 0) {
      stream = runtime.createStream();
    }
    Parameters made = Parameters.create();
    parameters = made;
    for (Map.Entry<String, NativeShape> e : next.inputs().entrySet()) {
      long bytes = e.getValue().bytes();
      long address = runtime.allocate(bytes);
      onDevice.add(address);
      made.add(types, e.getKey(), e.getValue(), address);
      for (int i = 0; i < inputs.size(); i++) {
        if (inputs.get(i).name().equals(e.getKey())) {
          feeds.add(new Staged(i, address, bytes));
        }
      }
    }
    for (int i = 0; i < next.outputs().size(); i++) {
      long bytes = next.outputs().get(i).bytes();
      landings.add(new Staged(i, runtime.allocateHost(bytes), bytes));
    }
  }

  @Override
  public void run(Results results) throws MigraphxCallException {
    Program ready = program;
    Parameters given = parameters;
    if (ready == null || given == null) {
      throw new IllegalStateException("a run without a program");
    }
    boolean waited = false;
    try {
      for (int i = 0; i < feeds.size(); i++) {
        Staged feed = feeds.get(i);
        runtime.copyIn(feed.address, feed.sourceAddress, feed.bytes, stream);
      }
      start(ready, given);
      for (int i = 0; i < landings.size(); i++) {
        Staged landing = landings.get(i);
        returned.at(i);
        if (returned.bytes() > landing.bytes) {
          throw Arguments.unexpected(
              returned.model(),
              returned.bytes() + " bytes for an output of " + landing.bytes + " bytes");
        }
        runtime.copyOut(landing.address, returned.buffer(), returned.bytes(), stream);
      }
      runtime.synchronize(stream);
      waited = true;
      for (int i = 0; i < landings.size(); i++) {
        returned.at(i);
        results.take(i, returned.shape(), landings.get(i).address);
      }
    } finally {
      if (!waited) {
        waitAfterFailure();
      }
      returned.release();
    }
  }

  /** Puts the run into the stream. The program's own queue takes one at a time. */
  private void start(Program ready, Parameters given) throws MigraphxCallException {
    ready.running().lock();
    try {
      returned.take(
          MigraphxApi.migraphx_program_run_async(
              returned.address(),
              ready.handle().handle(),
              given.handle(),
              stream,
              queueType.address()),
          "migraphx_program_run_async",
          ready.outputs().size());
    } finally {
      ready.running().unlock();
    }
  }

  /** Nothing may be freed or reused while the device still works on it. */
  private void waitAfterFailure() {
    try {
      runtime.synchronize(stream);
    } catch (MigraphxCallException e) {
      // The failure that led here is the one to report; a stream in error has nothing running.
    }
  }

  private void freeAll() {
    program = null;
    Parameters given = parameters;
    parameters = null;
    if (given != null) {
      given.close();
    }
    feeds.clear();
    sources.clear();
    onDevice.forEach(runtime::free);
    onDevice.clear();
    landings.forEach(l -> runtime.freeHost(l.address));
    landings.clear();
  }

  @Override
  public void close() {
    freeAll();
    long owned = stream;
    stream = 0;
    if (owned != 0) {
      runtime.destroyStream(owned);
    }
    returned.close();
    queueType.close();
  }
}
