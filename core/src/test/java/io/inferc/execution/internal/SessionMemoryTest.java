package io.inferc.execution.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.inferc.runtime.Target;
import io.inferc.spi.ArtifactCheck;
import io.inferc.spi.Backend;
import io.inferc.spi.BackendModel;
import io.inferc.spi.BackendSession;
import io.inferc.spi.Capabilities;
import io.inferc.spi.CompileRequest;
import io.inferc.spi.Fingerprint;
import io.inferc.spi.LoadRequest;
import io.inferc.tensor.BufferPool;
import io.inferc.tensor.DataType;
import io.inferc.tensor.MemoryKind;
import io.inferc.tensor.Storage;
import io.inferc.tensor.StorageAllocator;
import io.inferc.tensor.Tensor;
import io.inferc.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Where the memory of a session comes from, on a back end that copies faster from pinned memory.
 */
class SessionMemoryTest {
  private static final Target.Choice CHOICE = Target.backend("pinning").choices().get(0);

  private final AtomicInteger live = new AtomicInteger();

  private ExecutableModel model(Optional<BufferPool> pool) {
    return ExecutableModel.of(
        "negation",
        new Negation(),
        new PinningBackend(),
        CHOICE,
        List.of(),
        new ExecutionOptions(1, pool));
  }

  @Test
  void aSessionsOwnBuffersArePinnedAndFreedWithTheModel() {
    try (ExecutableModel model = model(Optional.empty())) {
      var session = model.newSession();
      session.input("x").floats().put(0, 3f);
      session.run();
      assertEquals(-3f, session.output("y").floats().get(0));
      assertEquals(MemoryKind.PINNED, session.input("x").memoryKind());
      assertEquals(MemoryKind.PINNED, session.output("y").memoryKind());
      assertEquals(2, live.get());
    }
    assertEquals(0, live.get());
  }

  @Test
  void resultsThatCallersOwnAreInOrdinaryMemory() {
    try (ExecutableModel model = model(Optional.empty());
        Tensor x = Tensor.of(new float[] {1, 2}, 2);
        Tensor y = model.run(Map.of("x", x)).get("y")) {
      assertEquals(MemoryKind.HOST, y.memoryKind());
      assertEquals(1, model.bufferPool().statistics().outstanding());
      assertEquals(0, live.get());
    }
  }

  @Test
  void aPoolOfTheCallersServesAllAndStaysOpen() {
    try (BufferPool pool = BufferPool.builder().build()) {
      try (ExecutableModel model = model(Optional.of(pool))) {
        assertEquals(MemoryKind.HOST, model.newSession().input("x").memoryKind());
        assertEquals(1, pool.statistics().outstanding());
      }
      assertEquals(0, pool.statistics().outstanding());
      pool.acquire(DataType.FLOAT32, 1).close();
      assertEquals(0, live.get());
    }
  }

  @Test
  void buffersThatJavaCannotSeeAreRefused() {
    Capabilities.Builder builder = Capabilities.builder();
    assertThrows(IllegalArgumentException.class, () -> builder.bufferMemory(MemoryKind.DEVICE));
  }

  /** Host memory that says it is pinned, and counts. */
  private final class Pinned implements Storage {
    private final Storage memory;

    Pinned(long bytes) {
      memory = StorageAllocator.host().allocate(bytes);
      live.incrementAndGet();
    }

    @Override
    public MemoryKind memoryKind() {
      return MemoryKind.PINNED;
    }

    @Override
    public long byteSize() {
      return memory.byteSize();
    }

    @Override
    public ByteBuffer hostBytes() {
      return memory.hostBytes();
    }

    @Override
    public void release() {
      live.decrementAndGet();
    }
  }

  private static final class Negation implements BackendModel {
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
      return new NegationSession();
    }

    @Override
    public void save(Path folder) {
      throw new UnsupportedOperationException("this model is not saved");
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }

  private static final class NegationSession implements BackendSession {
    private final Tensor[] bound = new Tensor[2];

    @Override
    public void bindInput(int index, Tensor tensor) {
      bound[0] = tensor;
    }

    @Override
    public void bindOutput(int index, Tensor tensor) {
      bound[1] = tensor;
    }

    @Override
    public void unbindOutput(int index) {
      bound[1] = null;
    }

    @Override
    public void run() {
      for (int i = 0; i < 2; i++) {
        bound[1].floats().put(i, -bound[0].floats().get(i));
      }
    }

    @Override
    public Tensor takeOutput(int index) {
      throw new UnsupportedOperationException("all outputs are bound");
    }

    @Override
    public void close() {
      // It holds nothing.
    }
  }

  private final class PinningBackend implements Backend {
    @Override
    public String name() {
      return "pinning";
    }

    @Override
    public String version() {
      return "1";
    }

    @Override
    public Capabilities capabilities(Target.Choice choice) {
      return Capabilities.builder()
          .memoryKinds(EnumSet.of(MemoryKind.PINNED))
          .bufferMemory(MemoryKind.PINNED)
          .build();
    }

    @Override
    public BackendModel compile(CompileRequest request) {
      return new Negation();
    }

    @Override
    public Fingerprint fingerprint(Target.Choice choice) {
      return Fingerprint.of("pinning", "1", "nothing", Map.of());
    }

    @Override
    public ArtifactCheck checkArtifact(Fingerprint saved, Target.Choice choice) {
      return new ArtifactCheck.Fits();
    }

    @Override
    public BackendModel load(Path folder, LoadRequest request) {
      return new Negation();
    }

    @Override
    public StorageAllocator allocator(MemoryKind kind, Target.Choice choice) {
      assertEquals(MemoryKind.PINNED, kind);
      return new StorageAllocator() {
        @Override
        public MemoryKind memoryKind() {
          return MemoryKind.PINNED;
        }

        @Override
        public Storage allocate(long bytes) {
          return new Pinned(bytes);
        }
      };
    }
  }
}
