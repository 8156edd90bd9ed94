package io.inferc;

import io.inferc.onnx.Node;
import io.inferc.onnx.OnnxModel;
import io.inferc.rewrite.RewriteNote;
import io.inferc.rewrite.layer.LayerDecision;
import io.inferc.rewrite.quantize.QuantizableLayers;
import io.inferc.spi.NumericPrecision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Works out what each node ended with. */
final class Outcome {
  /** The pass that writes each precision: where it leaves a node alone, the node lacks that. */
  private static final Map<NumericPrecision, String> PASSES =
      Map.of(
          NumericPrecision.INT8, "quantize-static",
          NumericPrecision.INT8_DYNAMIC, "quantize-dynamic",
          NumericPrecision.WEIGHTS8, "quantize-weights",
          NumericPrecision.WEIGHTS4, "quantize-weights",
          NumericPrecision.FP16, "to-fp16",
          NumericPrecision.BF16, "to-bf16");

  private static final int SHOWN = 5;

  private static final LayerDecision NOTHING =
      new LayerDecision(NumericPrecision.FP32, "nothing was asked of it");
  private static final LayerDecision INSIDE =
      new LayerDecision(
          NumericPrecision.FP32,
          "left at FP32: it is inside a function, or a graph of If, Loop or Scan.");

  private Outcome() {}

  /**
   * Takes what was decided, but for the nodes that a pass then had to leave alone, and the layers
   * that no pass reaches.
   *
   * @param cleaned the model before precision was written into it
   * @param decided decisions by name of its nodes
   * @param written what the passes noted
   * @param rest what a node has that could not be quantized
   */
  static Map<String, LayerDecision> of(
      OnnxModel cleaned,
      Map<String, LayerDecision> decided,
      List<RewriteNote> written,
      NumericPrecision rest) {
    Map<String, LayerDecision> ended = new LinkedHashMap<>();
    for (Node node : cleaned.graph().nodes()) {
      ended.put(node.name(), decided.getOrDefault(node.name(), NOTHING));
    }
    for (Node layer : QuantizableLayers.inside(cleaned)) {
      ended.putIfAbsent(layer.label(), decided.getOrDefault(layer.name(), INSIDE));
    }
    for (RewriteNote note : written) {
      LayerDecision asked = ended.get(note.node());
      if (note.kind() == RewriteNote.Kind.LEFT_ALONE
          && asked != null
          && note.pass().equals(PASSES.get(asked.precision()))) {
        NumericPrecision left = asked.precision().quantizes() ? rest : NumericPrecision.FP32;
        ended.put(
            note.node(),
            new LayerDecision(
                left,
                "left at " + left + " instead of " + asked.precision() + ": " + note.text(),
                asked.ruled()));
      }
    }
    return Collections.unmodifiableMap(ended);
  }

  /**
   * Says which layers no pass reaches; empty if there are none.
   *
   * @param reached the names of those inside of nodes that can be quantized
   */
  static Optional<String> unreachable(OnnxModel cleaned, Set<String> reached) {
    List<String> names =
        QuantizableLayers.inside(cleaned).stream()
            .filter(n -> !reached.contains(n.name()))
            .map(Node::label)
            .toList();
    if (names.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%d layers stay in floating point, since they are inside of functions or of If, Loop or"
                + " Scan nodes: %s%s.",
            names.size(),
            String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))),
            names.size() > SHOWN ? " and others" : ""));
  }
}
