package io.inferc.onnx;

import java.util.List;
import java.util.Optional;

/**
 * Resize up to opset 10 mapped coordinates by the asymmetric rule; from 11 on it must be told so.
 * To find the nearest element, ONNX Runtime rounded down where an axis grew and up where it shrank,
 * which one attribute can say only if no two axes differ in that.
 */
final class ResizeRule implements OpsetRules.Rule {
  private static final int SCALES = 1;

  @Override
  public Optional<String> objection(OpsetRules.Site site) {
    float[] scales = scales(site);
    return isNearest(site.node()) && shrinks(scales) && grows(scales)
        ? Optional.of("it shrinks one axis and grows another by nearest element")
        : Optional.empty();
  }

  @Override
  public List<Node> apply(OpsetRules.Site site) {
    Node node = site.node();
    // The region of interest may be left out from opset 13 on only; an empty one always does.
    String roi = site.newName("roi");
    return List.of(
        OpsetRules.constant(Initializer.floats(roi, new float[0], 0)),
        node.toBuilder()
            .inputs(node.inputs().get(0), roi, node.inputs().get(SCALES))
            .attribute(Attribute.of("coordinate_transformation_mode", "asymmetric"))
            .attribute(Attribute.of("nearest_mode", shrinks(scales(site)) ? "ceil" : "floor"))
            .build());
  }

  /** Scales that only the run knows are taken for growing ones, which is what they mostly do. */
  private static float[] scales(OpsetRules.Site site) {
    return site.node()
        .input(SCALES)
        .map(site.constants()::get)
        .map(Initializer::floats)
        .orElse(new float[0]);
  }

  private static boolean isNearest(Node node) {
    return node.attribute("mode").map(Attribute::asString).orElse("nearest").equals("nearest");
  }

  private static boolean shrinks(float[] scales) {
    for (float scale : scales) {
      if (scale < 1) {
        return true;
      }
    }
    return false;
  }

  private static boolean grows(float[] scales) {
    for (float scale : scales) {
      if (scale > 1) {
        return true;
      }
    }
    return false;
  }
}
