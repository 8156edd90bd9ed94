package io.inferc.shape.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Convolutions and pooling: what moves a window over the axes behind the first two. */
final class WindowRules {
  private WindowRules() {}

  static void addTo(Map<String, Rule> rules) {
    rules.put("Conv", n -> convolution(n, 1));
    rules.put("ConvInteger", n -> convolution(n, 1));
    rules.put("DeformConv", n -> convolution(n, 1));
    rules.put("QLinearConv", n -> convolution(n, 3));
    rules.put("ConvTranspose", WindowRules::transposed);
    rules.put("MaxPool", WindowRules::pool);
    rules.put("AveragePool", WindowRules::pool);
    rules.put("LpPool", WindowRules::pool);
    rules.put("GlobalAveragePool", WindowRules::global);
    rules.put("GlobalMaxPool", WindowRules::global);
    rules.put("GlobalLpPool", WindowRules::global);
    rules.put("MaxUnpool", WindowRules::unpool);
    rules.put("Col2Im", WindowRules::columns);
  }

  private static void convolution(NodeProof node, int weights) {
    List<Size> x = node.shape(0);
    List<Size> w = node.shape(weights);
    NodeProof.require(x.size() == w.size() && x.size() > 2);
    List<Size> kernel = kernel(node, w);
    List<Size> shape = new ArrayList<>(List.of(x.get(0), w.get(0)));
    shape.addAll(windows(node, x, kernel));
    node.prove(0, shape);
  }

  private static List<Size> kernel(NodeProof node, List<Size> weights) {
    Optional<long[]> given = node.integers("kernel_shape");
    if (given.isEmpty()) {
      return weights.subList(2, weights.size());
    }
    return sizes(node.integers("kernel_shape", weights.size() - 2, 1));
  }

  private static List<Size> sizes(long[] numbers) {
    List<Size> sizes = new ArrayList<>();
    for (long n : numbers) {
      sizes.add(Size.of(n));
    }
    return sizes;
  }

  /** How often the window fits along each axis. */
  private static List<Size> windows(NodeProof node, List<Size> x, List<Size> kernel) {
    int axes = x.size() - 2;
    long[] strides = node.integers("strides", axes, 1);
    long[] dilations = node.integers("dilations", axes, 1);
    long[] pads = node.integers("pads", 2 * axes, 0);
    String auto = node.text("auto_pad", "NOTSET");
    boolean pools = node.op().endsWith("Pool");
    boolean up = node.integer("ceil_mode", 0) == 1;
    List<Size> shape = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      Size size = x.get(i + 2);
      Size stride = Size.of(strides[i]);
      if (auto.startsWith("SAME")) {
        shape.add(Sizes.ceilDiv(size, stride));
        continue;
      }
      NodeProof.require(auto.equals("NOTSET") || auto.equals("VALID") || auto.isEmpty());
      boolean valid = auto.equals("VALID");
      long padding = valid ? 0 : Math.addExact(pads[i], pads[i + axes]);
      Size span = kernel.get(i).plus(-1).times(dilations[i]).plus(1);
      Size room = size.plus(padding).minus(span);
      if (up) {
        // A last window that would start in the padding behind is left out by some versions.
        boolean inside =
            span.bounds().min() >= (valid ? 0 : pads[i + axes]) + strides[i] || strides[i] == 1;
        shape.add(inside ? Sizes.ceilDiv(room, stride).plus(1) : Size.unknown());
      } else if (pools && padding + 1 < span.bounds().max() && room.bounds().min() < 0) {
        // Where the window is larger than a tensor that is not empty, runtimes round towards 0.
        shape.add(Sizes.truncatedDiv(room, stride).plus(1));
      } else {
        // A convolution does not run where its kernel does not fit.
        shape.add(Sizes.floorDiv(room, stride).plus(1));
      }
    }
    return shape;
  }

  private static void pool(NodeProof node) {
    List<Size> x = node.shape(0);
    NodeProof.require(x.size() > 2);
    List<Size> shape = new ArrayList<>(x.subList(0, 2));
    NodeProof.require(node.integers("kernel_shape").isPresent());
    shape.addAll(windows(node, x, sizes(node.integers("kernel_shape", x.size() - 2, 1))));
    node.prove(0, shape);
    if (node.op().equals("MaxPool")) {
      node.prove(1, shape);
    }
  }

  private static void global(NodeProof node) {
    List<Size> shape = new ArrayList<>(node.shape(0));
    NodeProof.require(shape.size() > 2);
    for (int i = 2; i < shape.size(); i++) {
      shape.set(i, Size.ONE);
    }
    node.prove(0, shape);
  }

  private static void transposed(NodeProof node) {
    List<Size> x = node.shape(0);
    List<Size> w = node.shape(1);
    NodeProof.require(x.size() == w.size() && x.size() > 2);
    int axes = x.size() - 2;
    List<Size> kernel = kernel(node, w);
    List<Size> shape = new ArrayList<>(List.of(x.get(0), w.get(1).times(node.integer("group", 1))));
    if (node.integers("output_shape").isPresent()) {
      long[] given = node.integers("output_shape").get();
      NodeProof.require(given.length >= axes);
      for (int i = 0; i < axes; i++) {
        shape.add(Size.of(given[given.length - axes + i]));
      }
      node.prove(0, shape);
      return;
    }
    long[] strides = node.integers("strides", axes, 1);
    long[] dilations = node.integers("dilations", axes, 1);
    long[] pads = node.integers("pads", 2 * axes, 0);
    long[] extra = node.integers("output_padding", axes, 0);
    String auto = node.text("auto_pad", "NOTSET");
    for (int i = 0; i < axes; i++) {
      if (auto.startsWith("SAME")) {
        shape.add(x.get(i + 2).times(strides[i]));
        continue;
      }
      long padding = auto.equals("VALID") ? 0 : pads[i] + pads[i + axes];
      Size span = kernel.get(i).plus(-1).times(dilations[i]).plus(1);
      shape.add(x.get(i + 2).plus(-1).times(strides[i]).plus(span).plus(extra[i] - padding));
    }
    node.prove(0, shape);
  }

  private static void unpool(NodeProof node) {
    List<Size> x = node.shape(0);
    if (node.has(2)) {
      node.prove(0, x.stream().map(s -> Size.unknown()).toList());
      node.prove(0, node.wholes(2));
      return;
    }
    int axes = x.size() - 2;
    long[] kernel = node.integers("kernel_shape", axes, 1);
    long[] strides = node.integers("strides", axes, 1);
    long[] pads = node.integers("pads", 2 * axes, 0);
    List<Size> shape = new ArrayList<>(x.subList(0, 2));
    for (int i = 0; i < axes; i++) {
      long more = kernel[i] - pads[i] - pads[i + axes];
      shape.add(x.get(i + 2).plus(-1).times(strides[i]).plus(more));
    }
    node.prove(0, shape);
  }

  private static void columns(NodeProof node) {
    List<Size> x = node.shape(0);
    NodeProof.require(x.size() == 3);
    long block = 1;
    for (long size : node.numbers(2)) {
      block = Math.multiplyExact(block, size);
    }
    List<Size> shape = new ArrayList<>(List.of(x.get(0), Sizes.floorDiv(x.get(1), Size.of(block))));
    shape.addAll(node.wholes(1));
    node.prove(0, shape);
  }
}
