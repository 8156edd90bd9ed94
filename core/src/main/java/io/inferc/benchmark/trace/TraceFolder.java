package io.inferc.benchmark.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of one recorder: who may write to it, how files are named, which are kept. */
final class TraceFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceFolder.class);

  /**
   * The folders of this process's recorders. A second channel of a lock file is not to be opened:
   * when it is closed, POSIX systems drop the process's lock.
   */
  private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();

  /** By the numbers in their names, which may outgrow the digits that names are filled up to. */
  private static final Comparator<Path> WRITING_ORDER =
      Comparator.<Path, BigInteger>comparing(file -> part(file, 1))
          .thenComparing(file -> part(file, 2))
          .thenComparing(Path::getFileName);

  private final Path path;
  private final Path real;
  private final FileChannel lock;
  private final BigInteger millis;

  private TraceFolder(Path path, Path real, FileChannel lock, BigInteger millis) {
    this.path = path;
    this.real = real;
    this.lock = lock;
    this.millis = millis;
  }

  /** Locks the folder, which is made if it is not there. */
  static TraceFolder lock(Path path, long nowMillis) throws IOException {
    Files.createDirectories(path);
    Path real = path.toRealPath();
    if (!IN_USE.add(real)) {
      throw inUse();
    }
    boolean locked = false;
    try {
      TraceFolder folder = lock(path, real, nowMillis);
      locked = true;
      return folder;
    } finally {
      if (!locked) {
        IN_USE.remove(real);
      }
    }
  }

  private static TraceFolder lock(Path path, Path real, long nowMillis) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(TraceFormat.LOCK_NAME),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    boolean locked = false;
    try {
      FileLock lock = tryLock(channel);
      if (lock == null) {
        throw inUse();
      }
      TraceFolder folder = new TraceFolder(path, real, channel, opened(path, nowMillis));
      locked = true;
      return folder;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static IOException inUse() {
    return new IOException("another recorder writes to it; give each a folder of its own");
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** A clock that was set back must not mix up the order of names. */
  private static BigInteger opened(Path path, long nowMillis) throws IOException {
    List<Path> files = files(path);
    BigInteger newest = files.isEmpty() ? BigInteger.ZERO : part(files.get(files.size() - 1), 1);
    return newest.add(BigInteger.ONE).max(BigInteger.valueOf(nowMillis));
  }

  /** The files of a folder in the order they were written. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(
              p -> nameOf(p).matches() && Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
          .sorted(WRITING_ORDER)
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Matcher nameOf(Path file) {
    return TraceFormat.FILE_NAME.matcher(file.getFileName().toString());
  }

  private static BigInteger part(Path file, int group) {
    Matcher name = nameOf(file);
    if (!name.matches()) {
      throw new IllegalArgumentException("The file " + file + " is not named as a trace's.");
    }
    return new BigInteger(name.group(group));
  }

  Path path() {
    return path;
  }

  /** Names the next file, after the oldest were deleted that it leaves no room for. */
  Path next(int number, TraceOptions options) throws IOException {
    makeRoom(files(path), options);
    return path.resolve(TraceFormat.fileName(millis, number));
  }

  /** Deletes the first of the files as far as another would go beyond the bounds. */
  static void makeRoom(List<Path> files, TraceOptions options) throws IOException {
    long[] bytes = new long[files.size()];
    long kept = 0;
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = size(files.get(i));
      kept += bytes[i];
    }
    long most = options.fileBytes() * (options.files() - 1);
    for (int i = 0; i < bytes.length && (bytes.length - i >= options.files() || kept > most); i++) {
      Files.deleteIfExists(files.get(i));
      kept -= bytes[i];
    }
  }

  /** 0 for a file that somebody else deleted meanwhile. */
  private static long size(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** Lets the next recorder in; does nothing the second time. */
  @Override
  public void close() {
    if (!lock.isOpen()) {
      return;
    }
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("Tried to unlock the folder of a trace, {}, but it failed: {}", path, e.toString());
    } finally {
      IN_USE.remove(real);
    }
  }
}
