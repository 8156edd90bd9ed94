package io.inferc.onnx;

import io.inferc.common.internal.ProcessMark;
import io.inferc.common.internal.TemporaryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Files that belong together, written beside their places and moved there when all are complete. If
 * one cannot be moved, those moved before are put back as they were. A killed process leaves
 * drafts, which the next to write in the folder deletes; if only the last of the files was there
 * before, it is replaced in one step, and the others do not matter until then.
 */
final class FileDrafts implements AutoCloseable {
  private static final class Draft {
    private final Path target;
    private final Path written;
    private @Nullable Path former;
    private boolean moved;

    Draft(Path target, Path written) {
      this.target = target;
      this.written = written;
    }
  }

  private static final String PREFIX = ".inferc-draft-";

  private final List<Draft> drafts = new ArrayList<>();

  /** Makes an empty file, with the permissions of any other, that shall become the target. */
  Path create(Path target) throws IOException {
    Path folder = target.getParent();
    if (folder != null && drafts.isEmpty()) {
      TemporaryFolder.sweep(folder, PREFIX);
    }
    Path written =
        Files.createFile(
            target.resolveSibling(PREFIX + ProcessMark.own() + "-" + UUID.randomUUID()));
    drafts.add(new Draft(target, written));
    return written;
  }

  /** Moves all drafts to their targets, in the order they were made. */
  void publish() throws IOException {
    try {
      for (Draft d : drafts) {
        // Nothing can fail after the last, which need not be put back.
        if (d != drafts.get(drafts.size() - 1) && Files.exists(d.target)) {
          Path former = d.target.resolveSibling("." + UUID.randomUUID() + ".former");
          Files.move(d.target, former, StandardCopyOption.ATOMIC_MOVE);
          d.former = former;
        }
        Files.move(
            d.written,
            d.target,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        d.moved = true;
      }
    } catch (IOException e) {
      restore();
      throw e;
    }
    for (Draft d : drafts) {
      deleteQuietly(d.former);
    }
  }

  private void restore() throws IOException {
    Deque<Draft> lastFirst = new ArrayDeque<>();
    drafts.forEach(lastFirst::push);
    for (Draft d : lastFirst) {
      if (d.former != null) {
        Files.move(
            d.former,
            d.target,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      } else if (d.moved) {
        deleteQuietly(d.target);
      }
    }
  }

  /** Deletes what was not published. */
  @Override
  public void close() {
    for (Draft d : drafts) {
      if (!d.moved) {
        deleteQuietly(d.written);
      }
    }
  }

  private static void deleteQuietly(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // The failure that led here is the one to report, and a spare file does no harm.
      }
    }
  }
}
