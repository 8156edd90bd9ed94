package io.inferc.shape.internal;

import io.inferc.onnx.Attribute;
import io.inferc.shape.internal.Scalar.Real;
import io.inferc.shape.internal.Scalar.Whole;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Resize by sizes or by scales, Upsample, and sampling at the places of a grid. */
final class ResizeRules {
  private static final int WITH_SIZES = 11;

  private ResizeRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Resize", ResizeRules::resize);
    rules.put("Upsample", n -> scaled(n, 1));
    rules.put("GridSample", ResizeRules::gridSample);
    rules.put("AffineGrid", ResizeRules::affineGrid);
  }

  private static void resize(NodeProof node) {
    if (node.opset() < WITH_SIZES) {
      scaled(node, 1);
      return;
    }
    List<Size> shape = node.shape(0);
    if (!node.has(3) || (node.facts(3).shape() != null && node.shape(3).get(0).is(0))) {
      scaled(node, 2);
      return;
    }
    List<Size> resized = new ArrayList<>(shape);
    int[] axes = axes(node, shape.size());
    boolean stretches = node.text("keep_aspect_ratio_policy", "stretch").equals("stretch");
    List<Size> sizes = stretches && node.value(3).isPresent() ? node.wholes(3) : List.of();
    NodeProof.require(sizes.isEmpty() || sizes.size() == axes.length);
    for (int i = 0; i < axes.length; i++) {
      resized.set(axes[i], sizes.isEmpty() ? Size.unknown() : sizes.get(i));
    }
    node.prove(0, resized);
  }

  private static int[] axes(NodeProof node, int rank) {
    Optional<long[]> given = node.integers("axes");
    int[] axes = new int[given.map(a -> a.length).orElse(rank)];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = given.isPresent() ? NodeProof.axis(given.get()[i], rank) : i;
    }
    return axes;
  }

  private static void scaled(NodeProof node, int input) {
    List<Size> shape = new ArrayList<>(node.shape(0));
    int[] axes = axes(node, shape.size());
    // There the region that is cut out counts, too, for some runtimes.
    boolean crops = node.text("coordinate_transformation_mode", "").equals("tf_crop_and_resize");
    List<Scalar> scales = crops ? List.of() : scales(node, input);
    NodeProof.require(scales.isEmpty() || scales.size() == axes.length);
    for (int i = 0; i < axes.length; i++) {
      shape.set(
          axes[i], scales.isEmpty() ? Size.unknown() : scaled(shape.get(axes[i]), scales.get(i)));
    }
    node.prove(0, shape);
  }

  private static List<Scalar> scales(NodeProof node, int input) {
    Optional<Attribute> attribute = node.node().attribute("scales");
    if (attribute.isPresent()) {
      List<Scalar> scales = new ArrayList<>();
      for (float scale : attribute.get().asFloats()) {
        scales.add(Arithmetic.constant(DataType.FLOAT32, scale));
      }
      return scales;
    }
    return node.value(input).map(Value::elements).orElse(List.of());
  }

  /** The size times the scale, rounded down, in single precision. */
  private static Size scaled(Size size, Scalar scale) {
    if (scale instanceof Whole whole && whole.size().is(1)) {
      return size;
    }
    if (size.isNumber() && scale instanceof Real real && real.isConstant()) {
      double exact = size.number() * real.low();
      double single = (float) size.number() * (float) real.low();
      // Runtimes differ in where they round.
      return Math.floor(exact) == Math.floor(single)
          ? Size.of((long) Math.floor(exact))
          : Size.unknown();
    }
    Scalar product =
        Arithmetic.binary("Mul", DataType.FLOAT32, Arithmetic.fit(DataType.FLOAT32, size), scale);
    Scalar rounded = Arithmetic.unary("Floor", DataType.FLOAT32, product);
    return rounded instanceof Whole whole ? whole.size() : Size.unknown();
  }

  private static void gridSample(NodeProof node) {
    List<Size> x = node.shape(0);
    List<Size> grid = node.shape(1);
    NodeProof.require(x.size() > 2 && grid.size() == x.size());
    List<Size> shape = new ArrayList<>(x.subList(0, 2));
    shape.addAll(grid.subList(1, grid.size() - 1));
    node.prove(0, shape);
  }

  private static void affineGrid(NodeProof node) {
    List<Size> size = node.wholes(1);
    NodeProof.require(size.size() > 2);
    List<Size> shape = new ArrayList<>(List.of(size.get(0)));
    shape.addAll(size.subList(2, size.size()));
    shape.add(Size.of(size.size() - 2L));
    node.prove(0, shape);
  }
}
