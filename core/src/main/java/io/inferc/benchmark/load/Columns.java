package io.inferc.benchmark.load;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What workers note of each request, in columns of numbers, so that noting makes no object for the
 * collector to find. Times are nanoseconds of {@link System#nanoTime()}.
 *
 * <p>A row is written by one thread; all are read when the threads have ended.
 */
final class Columns {
  /** The state of a row whose request was not sent. */
  static final byte UNSENT = -2;

  /** The state of a row whose request is not answered; those answered have their outcome's. */
  static final byte SENT = -1;

  /** Which outcome a state stands for. */
  static final List<Answer.Outcome> OUTCOMES = List.of(Answer.Outcome.values());

  private static final int CHUNK_BITS = 14;
  private static final int CHUNK = 1 << CHUNK_BITS;

  private Chunk[] chunks;

  /**
   * Makes room for some rows at once; more make room one chunk at a time, for which one thread
   * alone may write.
   */
  Columns(int rows) {
    chunks = new Chunk[Math.max(1, (rows + CHUNK - 1) >> CHUNK_BITS)];
    Arrays.setAll(chunks, i -> new Chunk());
  }

  /** Notes that a request goes out. */
  void sent(int row, long intended, long ready, long start) {
    if (row >> CHUNK_BITS >= chunks.length) {
      grow(row >> CHUNK_BITS);
    }
    Chunk chunk = chunk(row);
    int at = row & (CHUNK - 1);
    chunk.intended[at] = intended;
    chunk.ready[at] = ready;
    chunk.start[at] = start;
    chunk.state[at] = SENT;
  }

  /** Notes that it was answered. */
  void answered(int row, long end, Answer answer, int kind) {
    Chunk chunk = chunk(row);
    int at = row & (CHUNK - 1);
    chunk.end[at] = end;
    chunk.kind[at] = kind;
    StreamTimes stream = answer.stream();
    if (stream != null) {
      chunk.keep(at, stream);
    }
    chunk.state[at] = (byte) OUTCOMES.indexOf(answer.outcome());
  }

  private void grow(int index) {
    int before = chunks.length;
    Chunk[] grown = Arrays.copyOf(chunks, index + 1);
    for (int i = before; i < grown.length; i++) {
      grown[i] = new Chunk();
    }
    chunks = grown;
  }

  private Chunk chunk(int row) {
    return chunks[row >> CHUNK_BITS];
  }

  byte state(int row) {
    return row >> CHUNK_BITS >= chunks.length ? UNSENT : chunk(row).state[row & (CHUNK - 1)];
  }

  long intended(int row) {
    return chunk(row).intended[row & (CHUNK - 1)];
  }

  long ready(int row) {
    return chunk(row).ready[row & (CHUNK - 1)];
  }

  long start(int row) {
    return chunk(row).start[row & (CHUNK - 1)];
  }

  long end(int row) {
    return chunk(row).end[row & (CHUNK - 1)];
  }

  int kind(int row) {
    return chunk(row).kind[row & (CHUNK - 1)];
  }

  @Nullable StreamTimes stream(int row) {
    @Nullable StreamTimes[] streams = chunk(row).streams;
    return streams == null ? null : streams[row & (CHUNK - 1)];
  }

  private static final class Chunk {
    final long[] intended = new long[CHUNK];
    final long[] ready = new long[CHUNK];
    final long[] start = new long[CHUNK];
    final long[] end = new long[CHUNK];
    final byte[] state = new byte[CHUNK];
    final int[] kind = new int[CHUNK];
    @Nullable StreamTimes @Nullable [] streams;

    Chunk() {
      Arrays.fill(state, UNSENT);
    }

    /** Rows of a chunk may be several threads'. */
    synchronized void keep(int at, StreamTimes stream) {
      @Nullable StreamTimes[] kept = streams;
      if (kept == null) {
        kept = new @Nullable StreamTimes[CHUNK];
        streams = kept;
      }
      kept[at] = stream;
    }
  }
}
