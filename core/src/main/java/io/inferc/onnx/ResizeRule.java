package io.inferc.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Resize up to opset 10 mapped coordinates by the asymmetric rule; from 11 on it must be told so.
 * To find the nearest element, ONNX Runtime rounded down where an axis grew and up where it shrank,
 * which one attribute can say only if no two axes differ in that, and if the scales are known.
 */
final class ResizeRule implements OpsetRules.Rule {
  private static final int SCALES = 1;

  // Upsample never shrinks, so of what was one nothing else need be known.
  private final Set<String> upsampled = new HashSet<>();

  /** Writes an Upsample of opset 9 as a Resize of opset 10. */
  List<Node> ofUpsample(OpsetRules.Site site) {
    upsampled.addAll(site.node().outputs());
    return List.of(site.node().toBuilder().opType("Resize").build());
  }

  @Override
  public Optional<String> objection(OpsetRules.Site site) {
    if (!isNearest(site.node()) || isUpsample(site.node())) {
      return Optional.empty();
    }
    Optional<float[]> scales = scales(site);
    if (scales.isEmpty()) {
      return Optional.of(
          "its scales are known at run time only, and which element is nearest depends on whether"
              + " an axis shrinks");
    }
    return shrinks(scales.get()) && grows(scales.get())
        ? Optional.of("it shrinks one axis and grows another by nearest element")
        : Optional.empty();
  }

  @Override
  public List<Node> apply(OpsetRules.Site site) {
    Node node = site.node();
    boolean up =
        !isNearest(node) || isUpsample(node) || !shrinks(scales(site).orElse(new float[0]));
    // The region of interest may be left out from opset 13 on only; an empty one always does.
    String roi = site.newName("roi");
    return List.of(
        OpsetRules.constant(Initializer.floats(roi, new float[0], 0)),
        node.toBuilder()
            .inputs(node.inputs().get(0), roi, node.inputs().get(SCALES))
            .attribute(Attribute.of("coordinate_transformation_mode", "asymmetric"))
            .attribute(Attribute.of("nearest_mode", up ? "floor" : "ceil"))
            .build());
  }

  /**
   * Up to opset 12 scales had to be given, and were empty where sizes were; from 13 on one of the
   * two is left out.
   */
  static List<Node> oneOfScalesAndSizes(OpsetRules.Site site) {
    Node node = site.node();
    if (node.input(3).isEmpty()) {
      return List.of(node);
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    boolean noSizes =
        node.input(3)
            .map(site.constants()::get)
            .filter(sizes -> sizes.elementCount() == 0)
            .isPresent();
    if (noSizes) {
      inputs.remove(3);
    } else {
      inputs.set(2, "");
    }
    return List.of(node.toBuilder().inputs(inputs.toArray(String[]::new)).build());
  }

  private boolean isUpsample(Node node) {
    return node.outputs().stream().anyMatch(upsampled::contains);
  }

  private static Optional<float[]> scales(OpsetRules.Site site) {
    return site.node().input(SCALES).map(site.constants()::get).map(Initializer::floats);
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
