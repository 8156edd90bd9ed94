package io.inferc.execution.internal;

import io.inferc.common.internal.SharedCleaner;
import io.inferc.runtime.KernelInfo;
import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.spi.CallbackSession;
import io.inferc.spi.Capabilities;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.StorageAllocator;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A runtime whose every call lets the collector free what nobody holds, and then notes which of the
 * things it works on are gone. Like native code it keeps addresses only, not the tensors.
 */
final class GuardedRuntime implements Backend {
  static final Target.Choice CHOICE = Target.backend("guarded").choices().get(0);
  private static final Queue<Handle> HANDLES = new ConcurrentLinkedQueue<>();
  private static final Queue<String> USED_AFTER_FREE = new ConcurrentLinkedQueue<>();

  private final boolean callsBack;

  GuardedRuntime(boolean callsBack) {
    this.callsBack = callsBack;
  }

  /** Lets the collector and the library's cleaner run over all that is out of reach now. */
  static void collect() {
    // What the first round frees may hold what the second frees.
    for (int round = 0; round < 2; round++) {
      CountDownLatch cleaned = new CountDownLatch(1);
      SharedCleaner.get().register(new Object(), cleaned::countDown);
      try {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        do {
          System.gc();
          if (System.nanoTime() > deadline) {
            USED_AFTER_FREE.add("something that the cleaner waits to free");
            return;
          }
        } while (!cleaned.await(2, TimeUnit.MILLISECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What was used after it was freed. */
  static List<String> usedAfterFree() {
    return List.copyOf(USED_AFTER_FREE);
  }

  /** What nobody has freed. */
  static List<String> live() {
    return HANDLES.stream().filter(h -> !h.freed).map(h -> h.what).toList();
  }

  /** Something native: an address that says when it is used too late. */
  static final class Handle {
    private final String what;
    private volatile boolean freed;

    Handle(String what) {
      this.what = what;
      HANDLES.add(this);
    }

    void use(String call) {
      if (freed) {
        USED_AFTER_FREE.add(what + " in " + call);
      }
    }

    void free() {
      freed = true;
    }
  }

  /** Memory that is freed when no view of it is left. */
  static final class Guarded implements Storage {
    private final ByteBuffer whole;
    private final Handle handle;

    Guarded(long bytes) {
      whole = ByteBuffer.allocateDirect((int) bytes);
      Handle own = new Handle("memory of " + bytes + " bytes");
      handle = own;
      SharedCleaner.get().register(whole, own::free);
    }

    static Handle of(Tensor tensor) {
      return ((Guarded) tensor.storage().unwrap()).handle;
    }

    @Override
    public MemoryKind memoryKind() {
      return MemoryKind.PINNED;
    }

    @Override
    public long byteSize() {
      return whole.capacity();
    }

    @Override
    public ByteBuffer hostBytes() {
      return whole.slice().order(ByteOrder.nativeOrder());
    }

    @Override
    public void release() {
      // The views decide.
    }
  }

  private static final class Model implements BackendModel {
    private final Handle handle = new Handle("a model");
    private final boolean callsBack;

    Model(boolean callsBack) {
      this.callsBack = callsBack;
    }

    @Override
    public List<TensorSpec> inputs() {
      return List.of(TensorSpec.of("x", DataType.FLOAT32, 2));
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of(TensorSpec.of("y", DataType.FLOAT32, 2));
    }

    @Override
    public BackendSession newSession(int profile) {
      collect();
      handle.use("newSession");
      return callsBack ? new CallingSession(handle) : new Session(handle);
    }

    @Override
    public List<KernelInfo> kernels() {
      collect();
      handle.use("kernels");
      return List.of();
    }

    @Override
    public void save(Path folder) {
      collect();
      handle.use("save");
    }

    @Override
    public void close() {
      handle.free();
    }
  }

  private static class Session implements BackendSession {
    final Handle handle = new Handle("a session");
    final Handle model;
    final Map<String, Handle> bound = new HashMap<>();

    Session(Handle model) {
      this.model = model;
    }

    static void use(List<Handle> handles, String call) {
      collect();
      handles.forEach(h -> h.use(call));
    }

    List<Handle> handles() {
      List<Handle> all = new ArrayList<>(bound.values());
      all.add(model);
      all.add(handle);
      return all;
    }

    @Override
    public void bindInput(int index, Tensor tensor) {
      bind("input", tensor);
    }

    @Override
    public void bindOutput(int index, Tensor tensor) {
      bind("output", tensor);
    }

    private void bind(String port, Tensor tensor) {
      bound.remove(port);
      if (tensor.storage().unwrap() instanceof Guarded own) {
        bound.put(port, own.handle);
      }
    }

    @Override
    public void unbindOutput(int index) {
      bound.remove("output");
    }

    @Override
    public void run() {
      use(handles(), "run");
    }

    @Override
    public Tensor takeOutput(int index) {
      throw new UnsupportedOperationException("all outputs are bound");
    }

    @Override
    public void close() {
      model.use("closing a session");
      handle.free();
    }
  }

  /** Runs on a thread of the runtime's, which holds what is called back, as native code does. */
  private static final class CallingSession extends Session implements CallbackSession {
    CallingSession(Handle model) {
      super(model);
    }

    @Override
    public void start(Runnable ended) {
      List<Handle> used = handles();
      Thread thread = new Thread(() -> runThenCall(used, ended));
      thread.setDaemon(true);
      thread.start();
    }

    private static void runThenCall(List<Handle> used, Runnable ended) {
      use(used, "an asynchronous run");
      ended.run();
    }

    @Override
    public void finish() {
      use(handles(), "finish");
    }
  }

  @Override
  public String name() {
    return "guarded";
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public Capabilities capabilities(Target.Choice choice) {
    return Capabilities.builder()
        .memoryKinds(EnumSet.of(MemoryKind.HOST, MemoryKind.PINNED))
        .bufferMemory(MemoryKind.PINNED)
        .savable(true)
        .build();
  }

  @Override
  public BackendModel compile(CompileRequest request) {
    throw new UnsupportedOperationException("models are made by open()");
  }

  @Override
  public Fingerprint fingerprint(Target.Choice choice) {
    return Fingerprint.of("guarded", "1", "nothing", Map.of());
  }

  @Override
  public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
    return new ArtifactCheck.Fits();
  }

  @Override
  public BackendModel load(Path folder, LoadRequest request) {
    return open(callsBack);
  }

  static BackendModel open(boolean callsBack) {
    return new Model(callsBack);
  }

  @Override
  public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
    return new StorageAllocator() {
      @Override
      public MemoryKind memoryKind() {
        return MemoryKind.PINNED;
      }

      @Override
      public Storage allocate(long bytes) {
        return new Guarded(bytes);
      }
    };
  }
}
