package io.inferc.rewrite.quantize;

import io.inferc.onnx.Attribute;
import io.inferc.onnx.GraphEditor;
import io.inferc.onnx.Initializer;
import io.inferc.onnx.Node;
import io.inferc.rewrite.internal.CannotQuantizeException;
import io.inferc.rewrite.internal.ConstantContent;
import io.inferc.rewrite.internal.Constants;
import io.inferc.rewrite.internal.EmbeddingTable;
import io.inferc.rewrite.layer.WeightQuantization;
import io.inferc.spi.WeightOnlyForm;
import io.inferc.tensor.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes layers whose weights alone are integers. Weights that several layers read are there once,
 * also where one of them is a table and another a product with the same table transposed.
 */
final class WeightOnlyWriter {
  private static final String CONTRIB = DynamicWriter.CONTRIB;

  /** Constants of one weight, and what nodes make of them. */
  private static final class Stored {
    final int block;
    final boolean asTable;
    final String values;
    final String scales;
    final @Nullable String zeros;

    /** The same integers in the shape that the other operator has. */
    @Nullable String reshaped;

    /** What a DequantizeLinear makes of them. */
    @Nullable String matrix;

    Stored(int block, boolean asTable, String values, String scales, @Nullable String zeros) {
      this.block = block;
      this.asTable = asTable;
      this.values = values;
      this.scales = scales;
      this.zeros = zeros;
    }
  }

  // Below it, FLOAT16 has fewer digits.
  private static final float LEAST_HALF = 0x1p-14f;
  private static final float MOST_HALF = 60_000;

  private final GraphEditor editor;
  private final WeightOnlyForm form;
  private final Function<String, Optional<float[]>> meanSquares;
  private final DynamicWriter integerRows;
  private final Map<List<Object>, List<Stored>> known = new HashMap<>();
  private final Set<String> replaced = new HashSet<>();
  private boolean contrib;

  /**
   * Creates a writer.
   *
   * @param editor the main graph
   * @param meanSquares the mean square of each channel of an activation, where it is known
   */
  WeightOnlyWriter(
      GraphEditor editor, WeightOnlyForm form, Function<String, Optional<float[]>> meanSquares) {
    this.editor = editor;
    this.form = form;
    this.meanSquares = meanSquares;
    integerRows = new DynamicWriter(editor, new DynamicWeights(editor), replaced);
  }

  /** Tells whether an operator was written that only ONNX Runtime has. */
  boolean usesContrib() {
    return contrib;
  }

  /** Removes the constants whose readers are all replaced. */
  void removeUnread() {
    Preparation.removeUnread(editor, replaced);
  }

  /**
   * Writes a layer.
   *
   * @param options how its weights become integers; the block is that of the layer
   * @throws CannotQuantizeException if it cannot be done; then nothing was changed
   */
  void write(WeightOnlyLayer layer, WeightQuantization options, WeightOnlyForm.Variant variant) {
    Node node = layer.node();
    if (WeightOnlyLayer.isProduct(node)) {
      if (form.product() == WeightOnlyForm.Product.MATMUL_NBITS) {
        matMulNBits(layer, options, variant);
      } else {
        dequantized(layer, options);
      }
      replaced.add(node.inputs().get(1));
    } else {
      if (layer.block() == 0) {
        integerRows.write(new EmbeddingTable(node, layer.weights()));
      } else {
        gather(layer, options);
      }
      replaced.add(node.inputs().get(0));
    }
  }

  private void dequantized(WeightOnlyLayer layer, WeightQuantization options) {
    Node node = layer.node();
    Stored stored = stored(layer, options, 1, false);
    if (stored.matrix == null) {
      stored.matrix = editor.freshName(layer.weights().name() + "_dequantized");
      List<String> inputs = inputs(stored.values, stored.scales, stored.zeros);
      editor.insertBefore(
          node,
          Node.builder("DequantizeLinear")
              .name(editor.freshName(node.name() + "_weights"))
              .inputs(inputs.toArray(String[]::new))
              .outputs(stored.matrix)
              .attribute(Attribute.of("axis", layer.rowsLast() ? 0 : 1))
              .attribute(Attribute.of("block_size", stored.block))
              .build());
    }
    String[] inputs = node.inputs().toArray(String[]::new);
    inputs[1] = stored.matrix;
    editor.replace(node, node.toBuilder().inputs(inputs).build());
  }

  private static List<String> inputs(String first, String second, @Nullable String third) {
    return third == null ? List.of(first, second) : List.of(first, second, third);
  }

  private void matMulNBits(
      WeightOnlyLayer layer, WeightQuantization options, WeightOnlyForm.Variant variant) {
    Node node = layer.node();
    Addend addend = addend(node);
    Stored stored = stored(layer, options, Preparation.number(node, "alpha", 1), false);
    String values = shaped(stored, layer, options.bits(), false);
    String result = node.outputs().get(0);
    String product = addend == null ? result : editor.freshName(result + "_product");
    List<String> inputs = new ArrayList<>(List.of(node.inputs().get(0)));
    inputs.addAll(inputs(values, stored.scales, stored.zeros));
    Node.Builder nBits =
        Node.builder("MatMulNBits")
            .domain(CONTRIB)
            .name(node.name())
            .inputs(inputs.toArray(String[]::new))
            .outputs(product)
            .attribute(Attribute.of("K", layer.row()))
            .attribute(Attribute.of("N", layer.weights().elementCount() / layer.row()))
            .attribute(Attribute.of("bits", options.bits()))
            .attribute(Attribute.of("block_size", stored.block));
    variant
        .accuracyLevel()
        .ifPresent(level -> nBits.attribute(Attribute.of("accuracy_level", level)));
    List<Node> nodes = new ArrayList<>(List.of(nBits.build()));
    if (addend != null) {
      String bias = addend.constant() == null ? addend.tensor() : scaled(addend);
      nodes.add(
          Node.builder("Add")
              .name(editor.freshName(node.name() + "_bias"))
              .inputs(product, bias)
              .outputs(result)
              .build());
    }
    contrib = true;
    editor.replace(node, nodes.toArray(Node[]::new));
  }

  /** What a Gemm adds; with a constant where that must be multiplied first. */
  private record Addend(String tensor, float beta, @Nullable Initializer constant) {}

  private @Nullable Addend addend(Node node) {
    float beta = Preparation.number(node, "beta", 1);
    String bias = node.input(2).orElse(null);
    if (bias == null || beta == 0) {
      return null;
    }
    if (beta == 1) {
      return new Addend(bias, 1, null);
    }
    Initializer constant =
        Constants.floats(editor, bias)
            .orElseThrow(
                () -> new CannotQuantizeException("its bias is scaled and not constant FLOAT32."));
    return new Addend(bias, beta, constant);
  }

  private String scaled(Addend addend) {
    Initializer constant = addend.constant();
    if (constant == null) {
      return addend.tensor();
    }
    float[] values = constant.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= addend.beta();
    }
    String name = editor.freshName(addend.tensor() + "_scaled");
    editor.putInitializer(Initializer.floats(name, values, constant.dims()));
    replaced.add(addend.tensor());
    return name;
  }

  private void gather(WeightOnlyLayer layer, WeightQuantization options) {
    Node node = layer.node();
    Stored stored = stored(layer, options, 1, true);
    String values = shaped(stored, layer, options.bits(), true);
    List<String> inputs = new ArrayList<>(List.of(values, node.inputs().get(1), stored.scales));
    if (stored.zeros != null) {
      inputs.add(stored.zeros);
    }
    contrib = true;
    editor.replace(
        node,
        Node.builder("GatherBlockQuantized")
            .domain(CONTRIB)
            .name(node.name())
            .inputs(inputs.toArray(String[]::new))
            .outputs(node.outputs().get(0))
            .attribute(Attribute.of("gather_axis", 0))
            .attribute(Attribute.of("quantize_axis", 1))
            .attribute(Attribute.of("bits", options.bits()))
            .attribute(Attribute.of("block_size", stored.block))
            .build());
  }

  /** Returns the integers in the shape that a table or a product has; a Reshape if need be. */
  private String shaped(Stored stored, WeightOnlyLayer layer, int bits, boolean asTable) {
    if (stored.asTable == asTable) {
      return stored.values;
    }
    if (stored.reshaped == null) {
      long rows = layer.weights().elementCount() / layer.row();
      long[] dims =
          asTable
              ? new long[] {rows, (long) layer.row() * bits / Byte.SIZE}
              : new long[] {rows, layer.row() / stored.block, stored.block * bits / Byte.SIZE};
      String shape = editor.freshName(stored.values + "_shape");
      stored.reshaped = editor.freshName(stored.values + "_reshaped");
      editor.putInitializer(Initializer.longs(shape, dims, dims.length));
      editor.insertBefore(
          layer.node(),
          Node.builder("Reshape")
              .name(editor.freshName(stored.reshaped))
              .inputs(stored.values, shape)
              .outputs(stored.reshaped)
              .build());
    }
    return stored.reshaped;
  }

  /** Returns what there is of a weight, whichever block it has, or makes it. */
  private Stored stored(
      WeightOnlyLayer layer, WeightQuantization options, float alpha, boolean asTable) {
    boolean turned = isTurned(layer);
    List<Object> key = List.of(new ConstantContent(layer.rows()), options.bits(), alpha, turned);
    for (Stored stored : known.getOrDefault(key, List.of())) {
      // A row that ends within a block has another shape in a table.
      if (stored.asTable == asTable || layer.row() % stored.block == 0) {
        return stored;
      }
    }
    Stored stored = store(layer, options, alpha, asTable);
    known.computeIfAbsent(key, k -> new ArrayList<>()).add(stored);
    return stored;
  }

  private boolean isTurned(WeightOnlyLayer layer) {
    return form.product() == WeightOnlyForm.Product.DEQUANTIZE_LINEAR && layer.rowsLast();
  }

  private Stored store(
      WeightOnlyLayer layer, WeightQuantization options, float alpha, boolean asTable) {
    float[] values = layer.rows().floats();
    float largest = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] *= alpha;
      largest = Math.max(largest, Math.abs(values[i]));
      if (!Float.isFinite(values[i])) {
        throw new CannotQuantizeException("its weights are not all finite numbers.");
      }
    }
    float[] importance =
        asTable || options.method() != WeightQuantization.Method.ACTIVATION_AWARE
            ? null
            : meanSquares
                .apply(layer.node().inputs().get(0))
                .filter(m -> m.length == layer.row())
                .orElse(null);
    DataType type = layer.weights().type();
    DataType scales =
        form.halfScales() && type == DataType.FLOAT32 && largest < MOST_HALF
            ? DataType.FLOAT16
            : type;
    BlockWeights weights = quantized(layer, options, scales, values, importance);
    if (scales != type && smallest(weights.scales()) < LEAST_HALF) {
      scales = type;
      weights = quantized(layer, options, scales, values, importance);
    }
    return put(layer, weights, scales, asTable);
  }

  private BlockWeights quantized(
      WeightOnlyLayer layer,
      WeightQuantization options,
      DataType scales,
      float[] values,
      float @Nullable [] importance) {
    return new BlockQuantizer(
            options.bits(),
            layer.block(),
            options.hasZeroPoints(form.zeroPoints()),
            options.method(),
            scales)
        .quantize(values, layer.row(), importance);
  }

  private static float smallest(float[] values) {
    float smallest = Float.POSITIVE_INFINITY;
    for (float v : values) {
      smallest = Math.min(smallest, v);
    }
    return smallest;
  }

  private Stored put(
      WeightOnlyLayer layer, BlockWeights weights, DataType scaleType, boolean asTable) {
    boolean blocked = form.product() == WeightOnlyForm.Product.MATMUL_NBITS;
    boolean turned = isTurned(layer);
    String name = layer.weights().name();
    String values = editor.freshName(name + "_quantized");
    String scales = editor.freshName(name + "_scale");
    editor
        .putInitializer(
            !blocked
                ? weights.integers(values, turned)
                : asTable ? weights.table(values) : weights.blocked(values))
        .putInitializer(weights.scales(scales, scaleType, turned));
    String zeros = null;
    if (weights.zeroPoints() || !blocked) {
      // A missing zero point means another type to some readers of DequantizeLinear.
      zeros = editor.freshName(name + "_zero_point");
      editor.putInitializer(blocked ? weights.packedZeros(zeros) : weights.zeros(zeros, turned));
    }
    if (scaleType != layer.weights().type()) {
      scales = cast(layer, scales);
    }
    return new Stored(layer.block(), asTable, values, scales, zeros);
  }

  private String cast(WeightOnlyLayer layer, String scales) {
    String cast = editor.freshName(scales + "_float");
    editor.insertBefore(
        layer.node(),
        Node.builder("Cast")
            .name(editor.freshName(cast))
            .inputs(scales)
            .outputs(cast)
            .attribute(Attribute.of("to", layer.weights().type().onnxCode()))
            .build());
    return cast;
  }
}
