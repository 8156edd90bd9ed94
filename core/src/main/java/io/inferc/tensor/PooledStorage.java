package io.inferc.tensor;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Memory on loan from a pool, watched so that a loan never given back is noticed. */
final class PooledStorage implements Storage {
  private static final Logger LOG = LoggerFactory.getLogger(BufferPool.class);
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int SITE_FRAMES = 12;

  private final BufferPool pool;
  private final Storage memory;
  private final Ticket ticket;
  private final Cleaner.Cleanable watch;

  PooledStorage(BufferPool pool, Storage memory, long bytes, boolean debug) {
    this.pool = pool;
    this.memory = memory;
    ticket = new Ticket(bytes, debug ? new Throwable("acquired here") : null);
    watch = CLEANER.register(this, new Lost(pool, memory, ticket));
  }

  Ticket ticket() {
    return ticket;
  }

  @Override
  public MemoryKind memoryKind() {
    return memory.memoryKind();
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
    pool.giveBack(ticket, memory);
    // The ticket is no longer outstanding, so this only ends the watch.
    watch.clean();
  }

  /** Identifies a loan; equal to nothing but itself. */
  static final class Ticket {
    private final long bytes;
    private final @Nullable Throwable site;

    Ticket(long bytes, @Nullable Throwable site) {
      this.bytes = bytes;
      this.site = site;
    }

    long bytes() {
      return bytes;
    }

    String describe() {
      if (site == null) {
        return bytes + " bytes";
      }
      return bytes
          + " bytes acquired at "
          + Arrays.stream(site.getStackTrace())
              .filter(f -> !f.getClassName().startsWith("io.inferc.tensor."))
              .limit(SITE_FRAMES)
              .map(StackTraceElement::toString)
              .collect(Collectors.joining(" < "));
    }
  }

  private record Lost(BufferPool pool, Storage memory, Ticket ticket) implements Runnable {
    @Override
    public void run() {
      if (pool.noteLeak(ticket, memory)) {
        LOG.warn(
            "A pooled tensor of {} became unreachable without being closed. Close it with"
                + " try-with-resources; BufferPool.builder().debug(true) shows where it came from.",
            ticket.describe());
      }
    }
  }
}
