package io.inferc.benchmark.trace;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import java.nio.file.Path;

/** Says what is wrong with a file, and from which byte on. */
record TraceDamage(Path file, long position) {
  InfercException altered(String found) {
    return new InfercException(
        Stage.BENCHMARK,
        "Tried to read the trace "
            + file
            + ", but in the block at byte "
            + position
            + " "
            + found
            + ".",
        "The file was altered or damaged; read the others of its folder without it, each is"
            + " complete.");
  }
}
