package io.inferc.backend.openvino;

import io.inferc.common.Stage;
import io.inferc.common.internal.RegularFiles;
import io.inferc.common.internal.WriterLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The two files of a model in OpenVINO IR. The weights have the graph's name, so the two cannot be
 * replaced in one step: for a moment there is no graph, and never one with the weights of another.
 */
final class IrFiles {
  static final String SUFFIX = ".xml";

  private final Path graph;
  private final Path weights;

  /** Names both by the graph's file, which ends in .xml. */
  IrFiles(Path graph) {
    this.graph = graph;
    String name = graph.getFileName().toString();
    weights = graph.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + ".bin");
  }

  /**
   * Moves both to their places on the same disk, after other writers of these; if that fails, what
   * was there before still is.
   */
  // The turn is held, not looked at.
  @SuppressWarnings("try")
  void moveTo(IrFiles target) throws IOException {
    IrFiles former = new IrFiles(graph.resolveSibling("former" + SUFFIX));
    try (WriterLock turn = WriterLock.of(target.graph, Stage.IMPORT)) {
      boolean complete = false;
      try {
        move(target.graph, former.graph);
        move(target.weights, former.weights);
        move(weights, target.weights);
        move(graph, target.graph);
        complete = true;
      } finally {
        if (!complete) {
          if (!Files.exists(weights)) {
            Files.deleteIfExists(target.weights);
          }
          move(former.weights, target.weights);
          move(former.graph, target.graph);
        }
      }
    }
  }

  private static void move(Path from, Path to) throws IOException {
    RegularFiles.requireIfThere(from);
    if (Files.exists(from)) {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
