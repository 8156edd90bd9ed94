package io.inferc.backend.tensorrt;

import io.inferc.common.internal.RegularFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.ITimingCache;

/**
 * Measured kernel times, kept from build to build. Builds that run at the same time add to one
 * file: what another wrote meanwhile is taken in before writing, under a lock.
 */
final class TimingCacheFile {
  private final Path file;
  private final LogSink log;

  TimingCacheFile(Path file, LogSink log) {
    this.file = file.toAbsolutePath();
    this.log = log;
  }

  /** Hands the file's content to a build; the caller deletes what comes back after the build. */
  ITimingCache give(IBuilderConfig config) {
    ITimingCache cache = read(config);
    // A cache of another GPU or version is refused rather than believed.
    if (NativeObjects.isReal(cache) && config.setTimingCache(cache, false)) {
      return cache;
    }
    NativeObjects.delete(cache, NativeObjects.INTERFACE_SLOT);
    log.line(
        LogSeverity.WARNING,
        "The timing cache " + file + " does not fit this GPU and version; a new one is begun.");
    ITimingCache empty = config.createTimingCache(new BytePointer(), 0);
    config.setTimingCache(empty, false);
    return empty;
  }

  private ITimingCache read(IBuilderConfig config) {
    if (Files.isRegularFile(file)) {
      try (BytePointer bytes = NativeBytes.read(file)) {
        return config.createTimingCache(bytes, bytes.capacity());
      } catch (IOException e) {
        log.line(
            LogSeverity.WARNING, "The timing cache " + file + " cannot be read: " + e.getMessage());
      }
    }
    return config.createTimingCache(new BytePointer(), 0);
  }

  /** Writes what the build has measured; a failure is no reason to lose the engine. */
  void keep(IBuilderConfig config, ITimingCache cache) {
    try {
      Path folder = file.getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid()) {
          takeInOthers(config, cache);
          write(cache);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.line(
          LogSeverity.WARNING,
          "The timing cache " + file + " could not be kept: " + e.getMessage());
    }
  }

  private void takeInOthers(IBuilderConfig config, ITimingCache cache) {
    ITimingCache others = read(config);
    if (NativeObjects.isReal(others)) {
      cache.combine(others, false);
      NativeObjects.delete(others, NativeObjects.INTERFACE_SLOT);
    }
  }

  private void write(ITimingCache cache) throws IOException {
    RegularFiles.requireIfThere(file);
    IHostMemory bytes = cache.serialize();
    if (!NativeObjects.isReal(bytes)) {
      throw new IOException("TensorRT gave no bytes");
    }
    Path draft = file.resolveSibling("." + file.getFileName() + "-" + UUID.randomUUID());
    try {
      NativeBytes.write(bytes.data(), bytes.size(), draft);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
      NativeObjects.delete(bytes, NativeObjects.INTERFACE_SLOT);
    }
  }
}
