package io.inferc.benchmark.trace;

import io.inferc.common.InfercException;
import io.inferc.common.Stage;
import io.inferc.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that the files of a trace say together.
 *
 * @param foreignOrder a file whose payloads are in another byte order than this machine's
 */
record TraceFiles(
    List<TensorSpec> inputs,
    List<Path> files,
    EventTable events,
    TraceCounts counts,
    List<String> notes,
    Optional<Path> foreignOrder) {

  /** What was found of one recorder's files. */
  private static final class Recorder {
    private int last;
    private TraceCounts counts = TraceCounts.NONE;
  }

  /**
   * Reads files in their order.
   *
   * @param mayVanish whether a file that is gone was deleted by a recorder that goes on
   */
  static TraceFiles read(List<Path> paths, boolean mayVanish) throws IOException {
    EventTable events = new EventTable();
    List<String> notes = new ArrayList<>();
    Map<UUID, Recorder> recorders = new LinkedHashMap<>();
    TraceHeader first = null;
    Path firstPath = null;
    Path foreign = null;
    for (int i = 0; i < paths.size(); i++) {
      Path path = paths.get(i);
      TraceScan.Result result;
      try {
        result = TraceScan.of(path, i, events);
      } catch (NoSuchFileException e) {
        if (!mayVanish) {
          throw e;
        }
        notes.add("The file " + path + " was deleted while the trace was read.");
        continue;
      }
      if (!result.cut().isEmpty()) {
        notes.add(
            "The file "
                + path
                + " "
                + result.cut()
                + ": its recorder is still running, or was ended before it could finish.");
      }
      TraceHeader header = result.header();
      if (header == null) {
        continue;
      }
      if (first == null) {
        first = header;
        firstPath = path;
      } else if (!header.inputs().equals(first.inputs())) {
        throw different(firstPath, first, path, header);
      }
      if (header.byteOrder() != ByteOrder.nativeOrder()) {
        foreign = path;
      }
      count(recorders, header, result.counts(), path, notes);
    }
    return new TraceFiles(
        first == null ? List.of() : first.inputs(),
        paths,
        events,
        recorders.values().stream().map(r -> r.counts).reduce(TraceCounts.NONE, TraceCounts::plus),
        List.copyOf(notes),
        Optional.ofNullable(foreign));
  }

  private static void count(
      Map<UUID, Recorder> recorders,
      TraceHeader header,
      TraceScan.@Nullable Counts counts,
      Path path,
      List<String> notes) {
    Recorder recorder = recorders.computeIfAbsent(header.recorder(), id -> new Recorder());
    if (header.number() != recorder.last + 1) {
      notes.add(
          "The file "
              + path
              + " is number "
              + header.number()
              + " of its recorder, but number "
              + (header.number() - 1)
              + " is not here: it made room for newer ones, or was taken away.");
    }
    recorder.last = header.number();
    if (counts != null) {
      recorder.counts =
          new TraceCounts(counts.dropped(), counts.droppedPayloads(), counts.unshaped());
    }
  }

  private static InfercException different(
      @Nullable Path firstPath, TraceHeader first, Path path, TraceHeader header) {
    return new InfercException(
        Stage.BENCHMARK,
        "Tried to read one trace from "
            + firstPath
            + " and "
            + path
            + ", but the inputs of the first are "
            + first.inputs()
            + " and those of the second "
            + header.inputs()
            + ".",
        "Read the files of each model by themselves.");
  }
}
