package io.inferc.benchmark.trace;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of one recorder: who may write to it, how files are named, which are kept. */
final class TraceFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceFolder.class);

  private final Path path;
  private final FileChannel lock;
  private final long millis;

  private TraceFolder(Path path, FileChannel lock, long millis) {
    this.path = path;
    this.lock = lock;
    this.millis = millis;
  }

  /** Locks the folder, which is made if it is not there. */
  static TraceFolder lock(Path path, long nowMillis) throws IOException {
    Files.createDirectories(path);
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
        throw new IOException("another recorder writes to it; give each a folder of its own");
      }
      locked = true;
      return new TraceFolder(path, channel, Math.max(nowMillis, newest(path) + 1));
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** A clock that was set back must not mix up the order of names. */
  private static long newest(Path path) throws IOException {
    long newest = 0;
    for (Path file : files(path)) {
      Matcher name = TraceFormat.FILE_NAME.matcher(file.getFileName().toString());
      if (name.matches()) {
        newest = Math.max(newest, Long.parseLong(name.group(1)));
      }
    }
    return newest;
  }

  /** The files of a folder in the order they were written. */
  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(
              p ->
                  TraceFormat.FILE_NAME.matcher(p.getFileName().toString()).matches()
                      && Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
          .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .toList();
    }
  }

  Path path() {
    return path;
  }

  /** Names the next file, after the oldest were deleted that it leaves no room for. */
  Path next(int number, TraceOptions options) throws IOException {
    List<Path> kept = new ArrayList<>(files(path));
    long bytes = 0;
    for (Path file : kept) {
      bytes += Files.size(file);
    }
    long most = options.fileBytes() * (options.files() - 1);
    while (!kept.isEmpty() && (kept.size() >= options.files() || bytes > most)) {
      Path oldest = kept.remove(0);
      bytes -= Files.size(oldest);
      Files.delete(oldest);
    }
    return path.resolve(TraceFormat.fileName(millis, number));
  }

  /** Lets the next recorder in. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("Tried to unlock the folder of a trace, {}, but it failed: {}", path, e.toString());
    }
  }
}
