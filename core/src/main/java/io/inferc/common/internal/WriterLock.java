package io.inferc.common.internal;

import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one writer at a time replace files that belong together, between threads and between
 * processes. While it is held a hidden file lies beside them, which goes with it; that of a killed
 * process keeps nobody out.
 *
 * <pre>{@code
 * try (WriterLock turn = WriterLock.of(target, Stage.IMPORT)) {
 *   // move the files to their places
 * }
 * }</pre>
 */
public final class WriterLock implements Closeable {
  private static final String PREFIX = ".inferc-lock-";
  private static final long POLL_MILLIS = 2;
  private static final int MOST_BYTES = 1 << 20;
  private static final Map<Path, Turn> TURNS = new HashMap<>();

  private final Path file;
  private final Turn turn;
  private final @Nullable FileChannel channel;

  /** The lock between the threads of this process, as long as one of them wants it. */
  private static final class Turn {
    private final ReentrantLock lock = new ReentrantLock(true);
    private int users;
  }

  private WriterLock(Path file, Turn turn, @Nullable FileChannel channel) {
    this.file = file;
    this.turn = turn;
    this.channel = channel;
  }

  /**
   * Waits until this is the only writer.
   *
   * @param target the file that is written, in an existing folder
   * @param stage the stage that is under way
   * @return the lock, to be closed by the same thread
   * @throws IOException if the folder is not there, or nothing may be made in it
   * @throws CancelledException if this thread is interrupted, which it stays
   */
  public static WriterLock of(Path target, Stage stage) throws IOException {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(stage, "stage");
    Path absolute = target.toAbsolutePath().normalize();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException(target + " has no parent folder");
    }
    Path file = folder.toRealPath().resolve(PREFIX + absolute.getFileName());
    Turn turn;
    synchronized (TURNS) {
      turn = TURNS.computeIfAbsent(file, f -> new Turn());
      turn.users++;
    }
    boolean complete = false;
    try {
      turn.lock.lockInterruptibly();
      WriterLock lock = new WriterLock(file, turn, open(file));
      complete = true;
      return lock;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(stage);
    } finally {
      if (!complete) {
        leave(file, turn);
      }
    }
  }

  private static void leave(Path file, Turn turn) {
    if (turn.lock.isHeldByCurrentThread()) {
      turn.lock.unlock();
    }
    synchronized (TURNS) {
      turn.users--;
      if (turn.users == 0) {
        TURNS.remove(file);
      }
    }
  }

  /** Null where the file system has no locks, which leaves the threads of this process. */
  private static @Nullable FileChannel open(Path file) throws IOException, InterruptedException {
    while (true) {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      boolean kept = false;
      try {
        if (!lock(channel)) {
          Files.deleteIfExists(file);
          return null;
        }
        if (isAt(channel, file)) {
          kept = true;
          return channel;
        }
      } finally {
        if (!kept) {
          channel.close();
        }
      }
    }
  }

  private static boolean lock(FileChannel channel) throws InterruptedException {
    while (true) {
      try {
        if (channel.tryLock() != null) {
          return true;
        }
      } catch (OverlappingFileLockException e) {
        // Another class loader's copy of this class has it.
      } catch (IOException e) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /**
   * Tells whether a channel's file is still the one of that name: whoever held its lock before may
   * have deleted it. The file is empty then.
   *
   * @param channel a locked file, open for writing
   * @param file the name it was opened by
   * @return false if it is gone, or another has its name
   * @throws IOException if the channel cannot be written to
   */
  public static boolean isAt(FileChannel channel, Path file) throws IOException {
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(file, "file");
    // By a size that no other has; to open the file again would give up the locks of it.
    int bytes = ThreadLocalRandom.current().nextInt(1, MOST_BYTES);
    channel.write(ByteBuffer.allocate(1), bytes - 1L);
    try {
      return Files.size(file) == bytes;
    } catch (NoSuchFileException e) {
      return false;
    } finally {
      channel.truncate(0);
    }
  }

  /** Lets the next writer in. */
  @Override
  public void close() throws IOException {
    try {
      if (channel != null) {
        try {
          Files.deleteIfExists(file);
        } finally {
          channel.close();
        }
      }
    } finally {
      leave(file, turn);
    }
  }
}
