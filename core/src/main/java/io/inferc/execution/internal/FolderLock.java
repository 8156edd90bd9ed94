package io.inferc.execution.internal;

import io.inferc.common.CancelledException;
import io.inferc.common.Stage;
import io.inferc.common.internal.WriterLock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what in a saved model's folder, between threads and between processes: one writer at a
 * time, and nothing is deleted while somebody loads.
 *
 * <p>Two bytes of the file {@value #FILE} are locked, the first by the writer, the second shared by
 * those who load and alone by the writer while it deletes. Locks of files belong to the process,
 * and closing any channel to a file gives them up, so all threads share one channel for a folder.
 */
final class FolderLock implements Closeable {
  static final String FILE = ".lock";

  private static final Map<Path, FolderLock> SHARED = new HashMap<>();
  private static final long WRITER = 0;
  private static final long LOADING = 1;
  private static final long POLL_MILLIS = 2;
  private static final long PATIENCE_MILLIS = 500;

  private final Path folder;
  private final FileChannel channel;
  private final ReentrantLock writing = new ReentrantLock(true);
  private int users;
  private int loads;
  private boolean deleting;
  private @Nullable FileLock loading;

  private FolderLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Returns the lock of a folder, to be closed; makes its file.
   *
   * @param folder an existing folder, its real path
   */
  static FolderLock toWrite(Path folder) throws IOException {
    return shared(folder, true);
  }

  /**
   * Returns the lock of a folder, to be closed; makes nothing.
   *
   * @throws IOException if the folder has none
   */
  static FolderLock toLoad(Path folder) throws IOException {
    return shared(folder, false);
  }

  private static FolderLock shared(Path folder, boolean create) throws IOException {
    synchronized (SHARED) {
      FolderLock lock = SHARED.get(folder);
      if (lock == null) {
        lock = new FolderLock(folder, open(folder.resolve(FILE), create));
        SHARED.put(folder, lock);
      }
      lock.users++;
      return lock;
    }
  }

  private static FileChannel open(Path file, boolean create) throws IOException {
    if (create) {
      return FileChannel.open(
          file,
          StandardOpenOption.CREATE,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException("there is no file " + file);
    }
    try {
      return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException e) {
      // Enough for a shared lock, where nothing may be written.
      return FileChannel.open(file, StandardOpenOption.READ);
    }
  }

  /**
   * Waits until this is the only writer of the folder.
   *
   * @return the end of that, to be closed by the same thread
   * @throws NoSuchFileException if the writer before had nothing to keep; the folder may be gone
   * @throws CancelledException if this thread is interrupted, which it stays
   */
  Closeable write() throws IOException {
    try {
      writing.lockInterruptibly();
    } catch (InterruptedException e) {
      throw interrupted();
    }
    boolean locked = false;
    try {
      FileLock lock = waitFor(WRITER, false);
      if (!WriterLock.isAt(channel, folder.resolve(FILE))) {
        synchronized (SHARED) {
          SHARED.remove(folder, this);
        }
        lock.release();
        throw new NoSuchFileException(folder.resolve(FILE).toString());
      }
      locked = true;
      return () -> {
        try {
          lock.release();
        } finally {
          writing.unlock();
        }
      };
    } finally {
      if (!locked) {
        writing.unlock();
      }
    }
  }

  /**
   * Deletes the lock's file, for a writer who leaves nothing behind; not where another thread waits
   * for it. Those in other processes find out.
   */
  void discard() throws IOException {
    synchronized (SHARED) {
      if (users == 1 && SHARED.remove(folder, this)) {
        Files.deleteIfExists(folder.resolve(FILE));
      }
    }
  }

  /**
   * Waits until nothing is being deleted from the folder.
   *
   * @return the end of loading, to be closed
   * @throws CancelledException if this thread is interrupted, which it stays
   */
  synchronized Closeable load() throws IOException {
    // Those who load without end would keep a writer from ever deleting.
    while (deleting) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw interrupted();
      }
    }
    if (loads == 0) {
      loading = waitFor(LOADING, true);
    }
    loads++;
    return this::endLoad;
  }

  private synchronized void endLoad() throws IOException {
    loads--;
    if (loads == 0 && loading != null) {
      FileLock lock = loading;
      loading = null;
      lock.release();
    }
  }

  /**
   * Does something while nobody loads, if such a moment comes soon and this thread is not
   * interrupted before.
   *
   * @return whether it did
   */
  boolean whileNobodyLoads(Runnable action) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    setDeleting(true);
    try {
      do {
        FileLock alone = tryAlone();
        if (alone != null) {
          try (alone) {
            action.run();
            return true;
          }
        }
      } while (System.nanoTime() < end && slept());
      return false;
    } finally {
      setDeleting(false);
    }
  }

  private synchronized void setDeleting(boolean now) {
    deleting = now;
    notifyAll();
  }

  private synchronized @Nullable FileLock tryAlone() throws IOException {
    return loads == 0 ? tryLock(LOADING, false) : null;
  }

  /**
   * Not the system's own wait: two threads that wait for two folders look like a deadlock to it.
   */
  private FileLock waitFor(long position, boolean shared) throws IOException {
    FileLock lock = tryLock(position, shared);
    while (lock == null) {
      pause();
      lock = tryLock(position, shared);
    }
    return lock;
  }

  private @Nullable FileLock tryLock(long position, boolean shared) throws IOException {
    try {
      return channel.tryLock(position, 1, shared);
    } catch (OverlappingFileLockException e) {
      // Another class loader's copy of this class has it.
      return null;
    }
  }

  private static void pause() {
    if (!slept()) {
      throw interrupted();
    }
  }

  private static boolean slept() {
    try {
      Thread.sleep(POLL_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static CancelledException interrupted() {
    Thread.currentThread().interrupt();
    return new CancelledException(Stage.ARTIFACT);
  }

  @Override
  public void close() throws IOException {
    synchronized (SHARED) {
      users--;
      if (users == 0) {
        SHARED.remove(folder, this);
        channel.close();
      }
    }
  }
}
