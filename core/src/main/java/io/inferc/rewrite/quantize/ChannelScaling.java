package io.inferc.rewrite.quantize;

import io.inferc.calibrate.CalibrationTable;
import io.inferc.calibrate.ChannelStatistics;
import io.inferc.calibrate.TensorRange;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.GraphPass;
import io.inferc.rewrite.RewriteLog;
import io.inferc.rewrite.internal.CannotQuantizeException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Divides the channels of activations and multiplies the weights that meet them, all over a model:
 * what {@link SmoothQuant} and {@link ActivationAwareScaling} have in common.
 */
final class ChannelScaling {
  // Half a bit. Of all-MiniLM-L6-v2, calibrated on sentences, it takes 0.0004 from the cosine on
  // others, and leaves half of what was lost where a token is repeated or never was in a sentence.
  private static final float HEADROOM = (float) Math.sqrt(2);

  private final GraphPass pass;
  private final CalibrationTable table;
  private final String key;
  private final DivisorSearch search;
  private final BiPredicate<GraphEditor, Node> planned;
  private final String said;

  /**
   * Prepares a run.
   *
   * @param pass whose notes are taken
   * @param table statistics of the channels
   * @param key under which a model remembers what was done
   * @param search finds by how much channels are divided
   * @param planned tells which matrix layers are scaled for
   * @param said what is noted of such a layer
   */
  ChannelScaling(
      GraphPass pass,
      CalibrationTable table,
      String key,
      DivisorSearch search,
      BiPredicate<GraphEditor, Node> planned,
      String said) {
    this.pass = pass;
    this.table = table;
    this.key = key;
    this.search = search;
    this.planned = planned;
    this.said = said;
  }

  /** Rewrites a model and its calibration; the very objects if there was nothing to change. */
  SmoothQuant.Smoothed apply(OnnxModel model, RewriteLog log) {
    Set<String> before = DoneBefore.of(model, key);
    OnnxModel prepared = Preparation.prepare(model, 0);
    GraphEditor editor = prepared.graph().edit();
    SmoothingWriter writer = new SmoothingWriter(editor, search);
    Map<String, SmoothingWriter.Division> divisions = new LinkedHashMap<>();
    // Also what was left alone: smoothing what comes later changes the weights that it was judged
    // by.
    Set<String> done = new LinkedHashSet<>();
    for (Node node : prepared.graph().nodes()) {
      for (String tensor : node.outputs()) {
        List<Node> planned = before.contains(tensor) ? List.of() : planned(editor, tensor);
        if (planned.isEmpty()) {
          continue;
        }
        done.add(tensor);
        try {
          ChannelStatistics statistics =
              table
                  .channels(tensor)
                  .filter(s -> s.axis() == -1)
                  .orElseThrow(
                      () ->
                          new CannotQuantizeException(
                              "the magnitudes of its channels are not in the calibration table."));
          TensorRange range = table.range(tensor).orElseGet(() -> whole(statistics));
          divisions.put(tensor, writer.smooth(tensor, statistics, range, planned));
          planned.forEach(n -> log.changed(pass, n.name(), said));
        } catch (CannotQuantizeException e) {
          planned.forEach(
              n -> log.leftAlone(pass, n.name(), "Its input is not scaled: " + e.getMessage()));
        }
      }
    }
    if (divisions.isEmpty()) {
      return new SmoothQuant.Smoothed(model, table);
    }
    writer.removeUnread();
    divisions.values().forEach(d -> done.add(d.tensor()));
    OnnxModel smoothed = DoneBefore.with(prepared.withGraph(editor.build()), key, done);
    return new SmoothQuant.Smoothed(smoothed, adjusted(smoothed, divisions, writer.scaledInside()));
  }

  /** What the magnitudes alone say of a range. */
  private static TensorRange whole(ChannelStatistics statistics) {
    float largest = 0;
    for (float m : statistics.absMaxima()) {
      largest = Math.max(largest, m);
    }
    return TensorRange.observed(-largest, largest);
  }

  /** The matrix layers that will be quantized and multiply the tensor with weights. */
  private List<Node> planned(GraphEditor editor, String tensor) {
    return editor.consumers(tensor).stream()
        .filter(n -> planned.test(editor, n) && SmoothingWriter.isLinear(editor, n, tensor))
        .toList();
  }

  private CalibrationTable adjusted(
      OnnxModel model, Map<String, SmoothingWriter.Division> divisions, Set<String> unknown) {
    CalibrationTable.Builder adjusted =
        CalibrationTable.builder(model.digest(), table.method(), table.samples());
    Set<String> gone = new LinkedHashSet<>(unknown);
    divisions.forEach(
        (tensor, division) -> {
          if (division.tensor().equals(tensor)) {
            gone.add(tensor);
          }
          ChannelStatistics statistics = table.channels(tensor).orElseThrow();
          table
              .range(tensor)
              .map(r -> divided(r, statistics.absMaxima(), division.divisor()))
              .ifPresent(r -> adjusted.range(division.tensor(), r));
          adjusted.channels(
              division.tensor(),
              new ChannelStatistics(
                  -1,
                  divided(statistics.means(), division.divisor()),
                  divided(
                      divided(statistics.meanSquares(), division.divisor()), division.divisor()),
                  divided(statistics.absMaxima(), division.divisor())));
        });
    table.ranges().entrySet().stream()
        .filter(e -> !gone.contains(e.getKey()))
        .forEach(e -> adjusted.range(e.getKey(), e.getValue()));
    table.channels().entrySet().stream()
        .filter(e -> !gone.contains(e.getKey()))
        .forEach(e -> adjusted.channels(e.getKey(), e.getValue()));
    return adjusted.build();
  }

  /** Bounds of what was seen, each channel divided by its own number, with room beyond. */
  private static TensorRange divided(TensorRange range, float[] magnitudes, float[] divisor) {
    float min = 0;
    float max = 0;
    for (int j = 0; j < divisor.length; j++) {
      min = Math.min(min, Math.max(-magnitudes[j], range.observedMin()) / divisor[j]);
      max = Math.max(max, Math.min(magnitudes[j], range.observedMax()) / divisor[j]);
    }
    return new TensorRange(min * HEADROOM, max * HEADROOM, min, max, min == max, range.masked());
  }

  private static float[] divided(float[] values, float[] divisor) {
    float[] divided = new float[values.length];
    for (int j = 0; j < divided.length; j++) {
      divided[j] = values[j] / divisor[j];
    }
    return divided;
  }
}
